# Compile options shared by every target of ours, and the function that makes a layer.
find_program(EBM_CCACHE ccache)
if(EBM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${EBM_CCACHE})
endif()

add_library(ebm_options INTERFACE)
# GCC 12 reports overlaps inside std::string that cannot happen (GCC bug 105651).
target_compile_options(ebm_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wno-restrict -fno-math-errno)
if(EBM_WERROR)
  target_compile_options(ebm_options INTERFACE -Werror)
endif()
if(EBM_NATIVE)
  target_compile_options(ebm_options INTERFACE -march=native)
else()
  target_compile_options(ebm_options INTERFACE -march=x86-64-v2)
endif()
if(EBM_SANITIZE)
  # With sanitizers GCC warns of uninitialised values inside the standard library (GCC bug 105562).
  target_compile_options(ebm_options INTERFACE -Wno-maybe-uninitialized)
  target_compile_options(ebm_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(ebm_options INTERFACE -fsanitize=address,undefined)
endif()
if(EBM_TSAN)
  # GCC bug 105562, as above; and the fences in the standard library, which this sanitizer does not model.
  target_compile_options(ebm_options INTERFACE -Wno-maybe-uninitialized -Wno-tsan -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(ebm_options INTERFACE -fsanitize=thread)
endif()
target_include_directories(ebm_options INTERFACE ${CMAKE_SOURCE_DIR})

# ebm_library(name SOURCES folder LINK libraries...): every .cpp below the folder but program/main.cpp.
function(ebm_library name)
  cmake_parse_arguments(ARG "" "SOURCES" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_SOURCES}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/program/main\\.cpp$")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ebm_options ${ARG_LINK})
endfunction()
