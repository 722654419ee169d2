#include "tests/fuzz/targets.h"

#include <algorithm>
#include <array>

#include "common/bytes.h"
#include "common/hash.h"
#include "io/record_file.h"

namespace rookery {
namespace {

constexpr std::array kTargets = {
    FuzzTarget{"frame", FuzzFrame, SeedsOfFrame},
    FuzzTarget{"rpc", FuzzRpc, SeedsOfRpc},
    FuzzTarget{"ordered_sum", FuzzOrderedSum, SeedsOfOrderedSum},
    FuzzTarget{"scheduler_messages", FuzzSchedulerMessages, SeedsOfSchedulerMessages},
    FuzzTarget{"scheduler_peer", FuzzSchedulerPeer, SeedsOfSchedulerPeer},
    FuzzTarget{"ps_messages", FuzzPsMessages, SeedsOfPsMessages},
    FuzzTarget{"server_peer", FuzzServerPeer, SeedsOfServerPeer},
    FuzzTarget{"metrics", FuzzMetrics, SeedsOfMetrics},
    FuzzTarget{"json", FuzzJson, SeedsOfJson},
    FuzzTarget{"manifest", FuzzManifest, SeedsOfManifest},
    FuzzTarget{"rows_file", FuzzRowsFile, SeedsOfRowsFile},
    FuzzTarget{"dense_file", FuzzDenseFile, SeedsOfDenseFile},
    FuzzTarget{"job_state", FuzzJobState, SeedsOfJobState},
    FuzzTarget{"job_file", FuzzJobFile, SeedsOfJobFile},
    FuzzTarget{"features", FuzzFeatures, SeedsOfFeatures},
    FuzzTarget{"csv", FuzzCsv, SeedsOfCsv},
    FuzzTarget{"lists", FuzzLists, SeedsOfLists},
    FuzzTarget{"libsvm", FuzzLibsvm, SeedsOfLibsvm},
    FuzzTarget{"criteo", FuzzCriteo, SeedsOfCriteo},
    FuzzTarget{"blocks", FuzzBlocks, SeedsOfBlocks},
    FuzzTarget{"compressed", FuzzCompressed, SeedsOfCompressed},
    FuzzTarget{"export_schema", FuzzExportSchema, SeedsOfExportSchema},
    FuzzTarget{"export_manifest", FuzzExportManifest, SeedsOfExportManifest},
    FuzzTarget{"safetensors", FuzzSafetensors, SeedsOfSafetensors},
    FuzzTarget{"native_table", FuzzNativeTable, SeedsOfNativeTable},
    FuzzTarget{"mpirun_output", FuzzMpirunOutput, SeedsOfMpirunOutput},
};

}  // namespace

std::span<const FuzzTarget> FuzzTargets() {
  return kTargets;
}

std::string WithRightChecksums(std::span<const std::byte> record_file) {
  std::string text(TextOfBytes(record_file));
  std::size_t at = kRecordHeaderBytes;
  while (at + kBlockFrameBytes <= text.size()) {
    const std::span<std::byte> frame =
        std::as_writable_bytes(std::span(text)).subspan(at, kBlockFrameBytes);
    const auto bytes = ByteReader(frame).Get<std::uint64_t>();
    at += kBlockFrameBytes;
    if (bytes > text.size() - at) break;
    const auto length = static_cast<std::size_t>(bytes);
    ByteWriter(frame.subspan(8)).Put(HashText(std::string_view(text).substr(at, length)));
    at += length;
  }
  return text;
}

}  // namespace rookery
