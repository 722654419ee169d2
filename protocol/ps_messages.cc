#include "protocol/ps_messages.h"

#include <algorithm>
#include <string_view>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/limits.h"

namespace rookery {
namespace {

constexpr std::size_t kPullHeaderBytes = 20;
constexpr std::size_t kPushHeaderBytes = 40;
constexpr std::size_t kReplyHeaderBytes = 16;
constexpr std::size_t kTableHeaderBytes = 8;
constexpr std::uint16_t kPushFlagsAll = kPushCounts | kPushPulled;
constexpr std::uint32_t kPullFlagsAll = kPullCreate | kPullDense | kPullDenseState | kPullPresence;

// An empty array takes no bytes, not even padding: so no message ends in padding, which a
// truncation could take away unseen.
template <class T>
std::size_t ArrayEnd(std::size_t begin, std::size_t count) {
  return count == 0 ? begin : AlignUp(begin) + count * sizeof(T);
}
template <class T>
void PutArray(std::span<const T> values, ByteWriter* writer) {
  if (!values.empty()) writer->PutArray(values);
}
template <class T>
std::span<T> ReserveArray(std::size_t count, ByteWriter* writer) {
  return count == 0 ? std::span<T>() : writer->Reserve<T>(count);
}
template <class T>
std::span<const T> ReadArray(std::size_t count, ByteReader* reader) {
  return count == 0 ? std::span<const T>() : reader->GetArray<T>(count);
}

struct TableHeader {
  TableId table{};
  std::uint32_t keys = 0;
  std::uint32_t dim = 0;
};

// The { table, keys } list, each table known and at most once.
StatusOr<PooledVector<TableHeader>> ReadTableHeaders(std::uint32_t tables, const DimOf& dim_of,
                                                     std::string_view what, ByteReader* reader) {
  if (tables > kTablesMax || tables > reader->remaining() / kTableHeaderBytes) {
    return Corrupt(what, ": ", tables, " tables do not fit it");
  }
  PooledVector<TableHeader> headers(tables);
  for (TableHeader& header : headers) {
    header.table = reader->Get<TableId>();
    header.keys = reader->Get<std::uint32_t>();
    header.dim = dim_of(header.table);
    if (header.dim == 0) return Corrupt(what, ": unknown table ", Raw(header.table));
    if (header.keys > kKeysPerPullMax) {
      return Corrupt(what, ": ", header.keys, " keys of table ", Raw(header.table), ", at most ",
                     kKeysPerPullMax);
    }
    const auto same = [&](const TableHeader& other) { return other.table == header.table; };
    if (&*std::ranges::find_if(headers, same) != &header) {
      return Corrupt(what, ": table ", Raw(header.table), " twice");
    }
  }
  return headers;
}

Status CheckKeyOrder(std::span<const Key> keys, TableId table, std::string_view what) {
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (MixKey(keys[i - 1]) < MixKey(keys[i])) continue;
    return Corrupt(what, ": key ", i, " of table ", Raw(table), " is out of order");
  }
  return OkStatus();
}

std::size_t PushBytes(const PushRequest& request) {
  const bool counts = (request.flags & kPushCounts) != 0;
  const bool pulled = (request.flags & kPushPulled) != 0;
  std::size_t bytes = kPushHeaderBytes + kTableHeaderBytes * request.tables.size();
  for (const TableGradients& table : request.tables) {
    ROOKERY_CHECK(table.counts.size() == (counts ? table.keys.size() : 0));
    ROOKERY_CHECK(table.pulled.size() == (pulled ? table.gradients.size() : 0));
    bytes = ArrayEnd<Key>(bytes, table.keys.size());
    bytes = ArrayEnd<float>(bytes, table.gradients.size());
    bytes = ArrayEnd<std::uint32_t>(bytes, table.counts.size());
    bytes = ArrayEnd<float>(bytes, table.pulled.size());
  }
  ROOKERY_CHECK(request.pulled_dense.size() == (pulled ? request.dense.size() : 0));
  bytes = ArrayEnd<float>(bytes, request.dense.size());
  return ArrayEnd<float>(bytes, request.pulled_dense.size());
}

bool AsksPresence(const PullRequest& request) {
  return (request.flags & kPullPresence) != 0;
}

// Bytes of a pull reply; saturates above kMessageBytesMax.
std::size_t PullReplyBytes(const PullRequest& request, const DimOf& dim_of,
                           std::uint64_t dense_floats) {
  std::size_t bytes = kReplyHeaderBytes;
  for (const TableKeys& table : request.tables) {
    const std::size_t floats = table.keys.size() * dim_of(table.table);
    if (floats > kMessageBytesMax) return floats;
    bytes = ArrayEnd<float>(bytes, floats);
    if (bytes > kMessageBytesMax) return bytes;
  }
  if (dense_floats > kMessageBytesMax) return static_cast<std::size_t>(dense_floats);
  bytes = ArrayEnd<float>(bytes, static_cast<std::size_t>(dense_floats));
  if (!AsksPresence(request)) return bytes;
  for (const TableKeys& table : request.tables) {
    bytes = ArrayEnd<std::uint8_t>(bytes, table.keys.size());
  }
  return bytes;
}

Status CheckPresence(std::span<const std::uint8_t> present, TableId table) {
  const auto wrong = std::ranges::find_if(present, [](std::uint8_t byte) { return byte > 1; });
  if (wrong == present.end()) return OkStatus();
  return Corrupt("pull reply: key ", wrong - present.begin(), " of table ", Raw(table),
                 " is present ", static_cast<unsigned>(*wrong), " times");
}

}  // namespace

Buffer EncodePullRequest(const PullRequest& request) {
  std::size_t bytes = kPullHeaderBytes + kTableHeaderBytes * request.tables.size();
  for (const TableKeys& table : request.tables) bytes = ArrayEnd<Key>(bytes, table.keys.size());
  Buffer buffer(bytes);
  ByteWriter writer(buffer.body());
  writer.Put(request.step);
  writer.Put(request.worker);
  writer.Put(request.flags);
  writer.Put(static_cast<std::uint32_t>(request.tables.size()));
  for (const TableKeys& table : request.tables) {
    writer.Put(table.table);
    writer.Put(static_cast<std::uint32_t>(table.keys.size()));
  }
  for (const TableKeys& table : request.tables) PutArray(table.keys, &writer);
  ROOKERY_CHECK(writer.position() == bytes);
  return buffer;
}

StatusOr<PullRequest> ParsePullRequest(std::span<const std::byte> body, const DimOf& dim_of) {
  constexpr std::string_view kWhat = "pull request";
  ByteReader reader(body);
  PullRequest request;
  request.step = reader.Get<Step>();
  request.worker = reader.Get<std::uint32_t>();
  request.flags = reader.Get<std::uint32_t>();
  const auto tables = reader.Get<std::uint32_t>();
  if (reader.failed()) return reader.Finish(kWhat);
  const bool both = AsksPresence(request) && (request.flags & kPullCreate) != 0;
  if (both || (request.flags & ~kPullFlagsAll) != 0) {
    return Corrupt(kWhat, ": flags ", request.flags);
  }
  ROOKERY_ASSIGN_OR_RETURN(const auto headers, ReadTableHeaders(tables, dim_of, kWhat, &reader));
  request.tables.reserve(headers.size());
  for (const TableHeader& header : headers) {
    request.tables.push_back({header.table, ReadArray<Key>(header.keys, &reader)});
  }
  ROOKERY_RETURN_IF_ERROR(reader.Finish(kWhat));
  for (const TableKeys& table : request.tables) {
    ROOKERY_RETURN_IF_ERROR(CheckKeyOrder(table.keys, table.table, kWhat));
  }
  return request;
}

Buffer EncodePushRequest(const PushRequest& request) {
  const std::size_t bytes = PushBytes(request);
  Buffer buffer(bytes);
  ByteWriter writer(buffer.body());
  writer.Put(request.step);
  writer.Put(request.sequence);
  writer.Put(request.worker);
  writer.Put(request.slice);
  writer.Put(request.examples);
  writer.Put(static_cast<std::uint16_t>(request.tables.size()));
  writer.Put(request.flags);
  writer.Put(std::uint64_t{request.dense.size()});
  for (const TableGradients& table : request.tables) {
    writer.Put(table.table);
    writer.Put(static_cast<std::uint32_t>(table.keys.size()));
  }
  for (const TableGradients& table : request.tables) {
    PutArray(table.keys, &writer);
    PutArray(table.gradients, &writer);
    PutArray(table.counts, &writer);
    PutArray(table.pulled, &writer);
  }
  PutArray(request.dense, &writer);
  PutArray(request.pulled_dense, &writer);
  ROOKERY_CHECK(writer.position() == bytes);
  return buffer;
}

StatusOr<PushRequest> ParsePushRequest(std::span<const std::byte> body, const DimOf& dim_of) {
  constexpr std::string_view kWhat = "push request";
  ByteReader reader(body);
  PushRequest request;
  request.step = reader.Get<Step>();
  request.sequence = reader.Get<std::uint64_t>();
  request.worker = reader.Get<std::uint32_t>();
  request.slice = reader.Get<Slice>();
  request.examples = reader.Get<std::uint32_t>();
  const auto tables = reader.Get<std::uint16_t>();
  request.flags = reader.Get<std::uint16_t>();
  const auto dense_floats = reader.Get<std::uint64_t>();
  if (reader.failed()) return reader.Finish(kWhat);
  if ((request.flags & ~kPushFlagsAll) != 0) return Corrupt(kWhat, ": flags ", request.flags);
  const bool counts = (request.flags & kPushCounts) != 0;
  const bool pulled = (request.flags & kPushPulled) != 0;
  ROOKERY_ASSIGN_OR_RETURN(const auto headers, ReadTableHeaders(tables, dim_of, kWhat, &reader));
  request.tables.reserve(headers.size());
  for (const TableHeader& header : headers) {
    const std::span<const Key> keys = ReadArray<Key>(header.keys, &reader);
    const std::size_t floats = std::size_t{header.keys} * header.dim;
    TableGradients& table = request.tables.emplace_back();
    table.table = header.table;
    table.keys = keys;
    table.gradients = ReadArray<float>(floats, &reader);
    if (counts) table.counts = ReadArray<std::uint32_t>(header.keys, &reader);
    if (pulled) table.pulled = ReadArray<float>(floats, &reader);
  }
  request.dense = ReadArray<float>(static_cast<std::size_t>(dense_floats), &reader);
  if (pulled)
    request.pulled_dense = ReadArray<float>(static_cast<std::size_t>(dense_floats), &reader);
  ROOKERY_RETURN_IF_ERROR(reader.Finish(kWhat));
  for (const TableGradients& table : request.tables) {
    ROOKERY_RETURN_IF_ERROR(CheckKeyOrder(table.keys, table.table, kWhat));
    const auto none = std::ranges::find(table.counts, 0U);
    if (none == table.counts.end()) continue;
    return Corrupt(kWhat, ": count ", none - table.counts.begin(), " of table ", Raw(table.table),
                   " is 0");
  }
  return request;
}

StatusOr<PullReplyRoom> MakePullReply(const PullRequest& request, const DimOf& dim_of,
                                      std::uint64_t dense_floats, std::uint64_t updates) {
  const std::size_t bytes = PullReplyBytes(request, dim_of, dense_floats);
  if (bytes > kMessageBytesMax) {
    return Status(Code::kExhausted,
                  StrCat("the answer to a pull would be larger than ", kMessageBytesMax,
                         " bytes: use more servers or a smaller batch"));
  }
  PullReplyRoom room{Buffer(bytes), {}, {}, {}};
  ByteWriter writer(room.buffer.body());
  writer.Put(dense_floats);
  writer.Put(updates);
  room.rows.reserve(request.tables.size());
  for (const TableKeys& table : request.tables) {
    room.rows.push_back(ReserveArray<float>(table.keys.size() * dim_of(table.table), &writer));
  }
  room.dense = ReserveArray<float>(static_cast<std::size_t>(dense_floats), &writer);
  if (AsksPresence(request)) {
    for (const TableKeys& table : request.tables) {
      room.present.push_back(ReserveArray<std::uint8_t>(table.keys.size(), &writer));
    }
  }
  ROOKERY_CHECK(writer.position() == bytes);
  return room;
}

StatusOr<PullReply> ParsePullReply(std::span<const std::byte> body, const PullRequest& request,
                                   const DimOf& dim_of) {
  ByteReader reader(body);
  PullReply reply;
  const auto dense_floats = reader.Get<std::uint64_t>();
  reply.updates = reader.Get<std::uint64_t>();
  reply.rows.reserve(request.tables.size());
  for (const TableKeys& table : request.tables) {
    reply.rows.push_back(ReadArray<float>(table.keys.size() * dim_of(table.table), &reader));
  }
  reply.dense = ReadArray<float>(static_cast<std::size_t>(dense_floats), &reader);
  if (AsksPresence(request)) {
    for (const TableKeys& table : request.tables) {
      reply.present.push_back(ReadArray<std::uint8_t>(table.keys.size(), &reader));
    }
  }
  ROOKERY_RETURN_IF_ERROR(reader.Finish("pull reply"));
  for (std::size_t t = 0; t < reply.present.size(); ++t) {
    ROOKERY_RETURN_IF_ERROR(CheckPresence(reply.present[t], request.tables[t].table));
  }
  return reply;
}

}  // namespace rookery
