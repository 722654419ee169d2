// Prefetch: asks for a cache line in advance; any address, also null, is allowed.
//
// gcc takes a function that does nothing but __builtin_prefetch for one without effect and drops
// calls of it; the empty statement keeps them.
#pragma once

namespace rookery {

inline void Prefetch(const void* address) {
  __builtin_prefetch(address);
  asm volatile("");
}

// The line is going to be written.
inline void PrefetchToWrite(const void* address) {
  __builtin_prefetch(address, 1);
  asm volatile("");
}

}  // namespace rookery
