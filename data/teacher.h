// Teacher: made-up clicks in the raw Criteo format with a known optimum.
//
// A row has 13 integers (about 5 % blank) and 26 categories: ids of I per field, drawn by Zipf's
// law (about 2 % blank). Its label is 1 with probability sigmoid(score), where the score is
//   bias + a weight per id                          (sparse first order)
//        + <v_a, v_b> over all pairs of 8 fields    (v: 4 hidden numbers per id)
//        + a smooth curve of each of 6 integers     (tanh of its logarithm)
// with the three parts scaled so that about 25 % of labels are 1 and the teacher's own AUC is about
// .80. No model can beat the teacher on average: its AUC and logloss are the optimum.
//
// The hidden numbers are a pure function of TeacherOptions; a row is one of (those, seed, row), so
// ranges of rows can be made anywhere in any order.
//
// Owner    a value. Threads: const methods, any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/random.h"
#include "data/zipf.h"

namespace rookery {

struct TeacherOptions {
  std::uint64_t seed = 1;
  std::uint32_t ids = 1000;  // per field, 1 or more
  double zipf = 1.05;        // exponent; 0: all ids equally likely
};

struct SynthRow {
  static constexpr std::size_t kNumbers = 13;
  static constexpr std::size_t kFields = 26;
  static constexpr std::int64_t kBlank = INT64_MIN;

  bool label = false;
  double probability = 0;  // the teacher's
  std::array<std::int64_t, kNumbers> numbers{};
  std::array<std::uint64_t, kFields> ranks{};  // from 1, the most frequent; 0: blank
};

class Teacher {
 public:
  explicit Teacher(const TeacherOptions& options);

  [[nodiscard]] SynthRow Row(std::uint64_t seed, std::uint64_t row) const;
  // "label \t i1 .. i13 \t c1 .. c26 \n"
  void AppendText(const SynthRow& row, std::string* text) const;
  // What 8 hexadecimal digits an id of a field is written as; distinct within a field.
  [[nodiscard]] static std::uint32_t IdOf(std::size_t field, std::uint64_t rank);

 private:
  struct Parts {
    double ids = 0;
    double pairs = 0;
    double numbers = 0;
  };
  struct Scale {
    double mean = 0;
    double factor = 1;
  };

  void Draw(Random* random, SynthRow* row) const;
  [[nodiscard]] Parts PartsOf(const SynthRow& row) const;
  [[nodiscard]] double ScoreOf(const Parts& parts) const;
  void Calibrate();

  TeacherOptions options_;
  ZipfSampler sampler_;
  Scale ids_;
  Scale pairs_;
  Scale numbers_;
  double bias_ = 0;
};

}  // namespace rookery
