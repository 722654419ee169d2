// fuzz_seeds DIRECTORY: writes the seeds of every fuzz target to DIRECTORY/TARGET/seed-N and prints
// the names of the targets.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/fuzz/fuzz.h"

int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "fuzz_seeds DIRECTORY\n";
    return 2;
  }
  for (const rookery::FuzzTarget& target : rookery::FuzzTargets()) {
    const std::filesystem::path folder = std::filesystem::path(words[1]) / target.name;
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const std::string& seed : target.seeds()) {
      std::ofstream file(folder / ("seed-" + std::to_string(number++)), std::ios::binary);
      file.write(seed.data(), static_cast<std::streamsize>(seed.size()));
      if (!file.flush()) return 1;
    }
    std::cout << target.name << '\n';
  }
  return 0;
}
