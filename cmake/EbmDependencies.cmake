# Every library the project uses, each a Debian 12 package (scripts/install-dependencies lists the same ones).
find_package(PkgConfig REQUIRED)
find_package(xtl 0.7 REQUIRED)
find_package(xtensor 0.24 REQUIRED)
find_package(xtensor-blas 0.20 REQUIRED)
find_package(xsimd 8.1 REQUIRED)
if(EBM_FUZZ)
  add_library(OpenMP::OpenMP_CXX INTERFACE IMPORTED)
  target_include_directories(OpenMP::OpenMP_CXX INTERFACE ${CMAKE_SOURCE_DIR}/tests/fuzz/openmp)
  target_link_libraries(OpenMP::OpenMP_CXX INTERFACE gomp)
else()
  find_package(OpenMP 4.5 REQUIRED COMPONENTS CXX)
endif()
find_package(TBB 2021.5 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(NLopt 2.7 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(ZLIB 1.2.11 REQUIRED)
find_package(PNG 1.6 REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip>=1.7)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8)

# OpenBLAS by path: with several BLAS packages installed, -lopenblas follows Debian's alternatives, which
# prefer the pthread build. Its thread pool and libgomp's would spin against each other.
find_library(EBM_OPENBLAS openblas PATH_SUFFIXES openblas-openmp REQUIRED
             HINTS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp NO_DEFAULT_PATH)
find_path(EBM_OPENBLAS_INCLUDE openblas_config.h REQUIRED
          HINTS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp NO_DEFAULT_PATH)
add_library(ebm_blas INTERFACE)
target_link_libraries(ebm_blas INTERFACE ${EBM_OPENBLAS})
target_include_directories(ebm_blas SYSTEM INTERFACE ${EBM_OPENBLAS_INCLUDE})

# Third-party headers are system headers: their warnings are not ours.
foreach(target xtl xtensor xtensor-blas xsimd yaml-cpp CLI11::CLI11)
  get_target_property(real ${target} ALIASED_TARGET)
  if(NOT real)
    set(real ${target})
  endif()
  get_target_property(directories ${real} INTERFACE_INCLUDE_DIRECTORIES)
  if(directories)
    set_target_properties(${real} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${directories}")
  endif()
endforeach()

# Its own configuration links whatever BLAS the alternatives point at; ours is ebm_blas alone.
set_target_properties(xtensor-blas PROPERTIES INTERFACE_LINK_LIBRARIES xtensor)
