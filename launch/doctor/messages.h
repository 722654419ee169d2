// What ranks say to each other while `rookery doctor` looks at a cluster. These verbs are no part
// of a job: rank 0 asks all others, and sends pairs of them to ping each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/types.h"

namespace rookery::doctor {

inline constexpr VerbId kFactsVerb{64};  // empty; back: Facts
inline constexpr VerbId kClockVerb{65};  // empty; back: Clock
inline constexpr VerbId kEchoVerb{66};   // any bytes; back: the same
inline constexpr VerbId kPingVerb{67};   // PingRequest; back: PingReply
inline constexpr VerbId kFileVerb{68};   // FileRequest; back: empty
inline constexpr VerbId kDataVerb{69};   // DataRequest; back: DataReply
inline constexpr VerbId kEndVerb{70};    // empty; back: empty
[[nodiscard]] std::string NameOfVerb(VerbId verb);

struct Facts {
  static constexpr std::uint32_t kVersion = 1;
  std::string host;
  std::string version;  // of rookery
  std::string formats;  // of checkpoints and messages
  std::string mpi;      // of its library
  std::uint32_t cpus_visible = 0;
  std::uint32_t cpus_online = 0;
  std::uint64_t free_memory = 0;
  std::uint64_t free_disk = 0;        // of the run directory
  std::vector<std::string> networks;  // "10.0.0.0/24"
  std::string job_error;              // empty: the job file was read
  std::uint64_t job_hash = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(host, version, formats, mpi, cpus_visible, cpus_online, free_memory, free_disk,
            networks, job_error, job_hash);
  }
};

struct Clock {
  static constexpr std::uint32_t kVersion = 1;
  double wall_seconds = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(wall_seconds);
  }
};

struct PingRequest {
  static constexpr std::uint32_t kVersion = 1;
  std::uint32_t to = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(to);
  }
};
struct PingReply {
  static constexpr std::uint32_t kVersion = 1;
  double round_trip_seconds = 0;  // median, of 8 bytes
  double bytes_per_second = 0;    // of 1 MB there and back, the best

  template <class Archive>
  void serialize(Archive& archive) {
    archive(round_trip_seconds, bytes_per_second);
  }
};

enum class FileAction : std::uint8_t {
  kPublish = 0,    // write PATH.tmp, sync, rename to PATH, sync the directory
  kExpect = 1,     // PATH has `text` within a few seconds
  kExclusive = 2,  // make PATH, which must not be there: kAborted when it is
};
struct FileRequest {
  static constexpr std::uint32_t kVersion = 1;
  FileAction action = FileAction::kPublish;
  std::string path;
  std::string text;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(action, path, text);
  }
};

struct DataRequest {
  static constexpr std::uint32_t kVersion = 1;
  std::uint32_t part = 0;  // which file: part % files

  template <class Archive>
  void serialize(Archive& archive) {
    archive(part);
  }
};
struct DataReply {
  static constexpr std::uint32_t kVersion = 1;
  std::uint64_t examples = 0;     // decoded
  std::uint64_t files_hash = 0;   // of names and sizes of all files
  std::uint64_t fitted_hash = 0;  // of what the first examples of the first file say

  template <class Archive>
  void serialize(Archive& archive) {
    archive(examples, files_hash, fitted_hash);
  }
};

}  // namespace rookery::doctor
