// The bodies and seeds of all fuzz targets; tests/fuzz/NAME_fuzz.cc has each.
#pragma once

#include "tests/fuzz/fuzz.h"

namespace rookery {

using FuzzBytes = std::span<const std::byte>;
using FuzzSeeds = std::vector<std::string>;

bool FuzzFrame(FuzzBytes bytes);              // net/frame.h
bool FuzzRpc(FuzzBytes bytes);                // net/rpc.h: a peer that sends any frames
bool FuzzOrderedSum(FuzzBytes bytes);         // net/collective.h: a member that sends any messages
bool FuzzSchedulerMessages(FuzzBytes bytes);  // protocol/scheduler_messages.h
bool FuzzSchedulerPeer(FuzzBytes bytes);      // scheduler/scheduler_service.h, any requests
bool FuzzPsMessages(FuzzBytes bytes);         // protocol/ps_messages.h
bool FuzzServerPeer(FuzzBytes bytes);         // ps/ps_service.h, any requests
bool FuzzMetrics(FuzzBytes bytes);            // models/metrics.h
bool FuzzJson(FuzzBytes bytes);               // common/json.h
bool FuzzManifest(FuzzBytes bytes);           // protocol/checkpoint_manifest.h
bool FuzzRowsFile(FuzzBytes bytes);           // ps/rows_file.h
bool FuzzDenseFile(FuzzBytes bytes);          // dense.bin of ps/checkpoint_reader.h
bool FuzzJobState(FuzzBytes bytes);           // input.bin of scheduler/job_state.h
bool FuzzJobFile(FuzzBytes bytes);            // launch/job.h
bool FuzzFeatures(FuzzBytes bytes);           // features.json of data/transform.h
bool FuzzCsv(FuzzBytes bytes);                // data/input.h
bool FuzzLists(FuzzBytes bytes);
bool FuzzLibsvm(FuzzBytes bytes);
bool FuzzCriteo(FuzzBytes bytes);
bool FuzzBlocks(FuzzBytes bytes);          // data/block_file.h
bool FuzzCompressed(FuzzBytes bytes);      // io/compressed_stream.h
bool FuzzExportSchema(FuzzBytes bytes);    // serving/schema_file.h
bool FuzzExportManifest(FuzzBytes bytes);  // serving/export_manifest.h
bool FuzzSafetensors(FuzzBytes bytes);     // serving/safetensors.h
bool FuzzNativeTable(FuzzBytes bytes);     // serving/native_table.h
bool FuzzMpirunOutput(FuzzBytes bytes);    // launch/job_end.h, launch/restart_plan.h

FuzzSeeds SeedsOfFrame();
FuzzSeeds SeedsOfRpc();
FuzzSeeds SeedsOfOrderedSum();
FuzzSeeds SeedsOfSchedulerMessages();
FuzzSeeds SeedsOfSchedulerPeer();
FuzzSeeds SeedsOfPsMessages();
FuzzSeeds SeedsOfServerPeer();
FuzzSeeds SeedsOfMetrics();
FuzzSeeds SeedsOfJson();
FuzzSeeds SeedsOfManifest();
FuzzSeeds SeedsOfRowsFile();
FuzzSeeds SeedsOfDenseFile();
FuzzSeeds SeedsOfJobState();
FuzzSeeds SeedsOfJobFile();
FuzzSeeds SeedsOfFeatures();
FuzzSeeds SeedsOfCsv();
FuzzSeeds SeedsOfLists();
FuzzSeeds SeedsOfLibsvm();
FuzzSeeds SeedsOfCriteo();
FuzzSeeds SeedsOfBlocks();
FuzzSeeds SeedsOfCompressed();
FuzzSeeds SeedsOfExportSchema();
FuzzSeeds SeedsOfExportManifest();
FuzzSeeds SeedsOfSafetensors();
FuzzSeeds SeedsOfNativeTable();
FuzzSeeds SeedsOfMpirunOutput();

}  // namespace rookery
