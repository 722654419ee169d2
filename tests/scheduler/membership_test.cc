#include "scheduler/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rookery {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TimePoint At(Duration time) {
  return TimePoint(time);
}

TEST(Membership, SilentNodeIsReportedOnce) {
  Membership members(2, seconds(3));
  members.OnHeard(0, At(seconds(0)));
  EXPECT_THAT(members.Expire(At(seconds(3))), IsEmpty());
  EXPECT_THAT(members.Expire(At(seconds(3) + Duration(1))), ElementsAre(0));
  EXPECT_THAT(members.Expire(At(seconds(9))), IsEmpty());
}

TEST(Membership, WhoLeftIsNotSilent) {
  Membership members(1, seconds(3));
  members.OnHeard(0, At(seconds(0)));
  members.OnLeft(0);
  EXPECT_THAT(members.Expire(At(seconds(9))), IsEmpty());
}

}  // namespace
}  // namespace rookery
