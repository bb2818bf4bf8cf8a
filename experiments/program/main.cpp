#include "experiments/program/program.hpp"

int main(int argc, char** argv) {
  return ebm::experiments::run_program(argc, argv);
}
