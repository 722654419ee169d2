#include "launch/mpirun_line.h"

#include <gtest/gtest.h>

namespace rookery {
namespace {

MpirunOptions Options(MpiVersion version) {
  MpirunOptions options;
  options.version = version;
  options.ranks = 4;
  options.visible_cpus = 8;
  options.command = {"/opt/rookery", "train", "job.toml", "--set", "a=b c"};
  return options;
}

TEST(MpirunLine, OpenMpi41) {
  EXPECT_EQ(MakeMpirunLine(Options({4, 1})).ToString(),
            "mpirun -np 4 --bind-to none --map-by slot --mca pml ob1 --mca btl self,vader,tcp "
            "--mca odls_base_sigkill_timeout 3 -x ROOKERY_WORLD_SIZE=4 /opt/rookery train "
            "job.toml --set 'a=b c'");
}

TEST(MpirunLine, OpenMpi41OnHostsAsRoot) {
  MpirunOptions options = Options({4, 1});
  options.ranks = 40;
  options.root = true;
  options.hostfile = "my hosts";
  options.interface = "10.0.0.0/24";
  EXPECT_EQ(MakeMpirunLine(options).ToString(),
            "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun -np 40 --hostfile "
            "'my hosts' --bind-to none --map-by node --mca pml ob1 --mca btl self,vader,tcp --mca "
            "btl_tcp_if_include 10.0.0.0/24 --mca oob_tcp_if_include 10.0.0.0/24 --mca "
            "odls_base_sigkill_timeout 3 -x ROOKERY_WORLD_SIZE=40 /opt/rookery train job.toml "
            "--set 'a=b c'");
}

TEST(MpirunLine, MoreRanksThanCpus) {
  MpirunOptions options = Options({4, 1});
  options.visible_cpus = 2;
  options.tcp_only = true;
  EXPECT_EQ(MakeMpirunLine(options).ToString(),
            "mpirun -np 4 --bind-to none --map-by slot --oversubscribe --mca pml ob1 --mca btl "
            "self,tcp --mca odls_base_sigkill_timeout 3 -x ROOKERY_WORLD_SIZE=4 /opt/rookery train "
            "job.toml --set 'a=b c'");
}

TEST(MpirunLine, OpenMpi50) {
  MpirunOptions options = Options({5, 0});
  options.visible_cpus = 2;
  options.root = true;
  options.interface = "10.0.0.0/24";
  EXPECT_EQ(MakeMpirunLine(options).ToString(),
            "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 PRTE_ALLOW_RUN_AS_ROOT=1 "
            "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun -np 4 --bind-to none --map-by "
            "slot:OVERSUBSCRIBE --mca pml ob1 --mca btl self,sm,tcp --mca btl_tcp_if_include "
            "10.0.0.0/24 --prtemca oob_tcp_if_include 10.0.0.0/24 --prtemca "
            "odls_base_sigkill_timeout 3 -x ROOKERY_WORLD_SIZE=4 /opt/rookery train job.toml "
            "--set 'a=b c'");
}

TEST(MpirunLine, AQuoteInAnArgument) {
  MpirunOptions options = Options({4, 1});
  options.command = {"p", "it's", ""};
  const std::string line = MakeMpirunLine(options).ToString();
  EXPECT_EQ(line.substr(line.rfind("=4 ") + 3), "p 'it'\\''s' ''");
}

TEST(ParseMpiVersion, ReadsWhatMpirunPrints) {
  const auto old = ParseMpiVersion("mpirun (Open MPI) 4.1.4\n\nReport bugs to http://...\n");
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(old->major, 4);
  EXPECT_EQ(old->minor, 1);
  const auto rc = ParseMpiVersion("mpirun (Open MPI) 5.0.0rc7\n");
  ASSERT_TRUE(rc.ok());
  EXPECT_EQ(rc->major, 5);
  EXPECT_EQ(rc->minor, 0);
}

TEST(ParseMpiVersion, RefusesOthers) {
  EXPECT_EQ(ParseMpiVersion("HYDRA build details:\n  x").status().message(),
            "mpirun --version says \"HYDRA build details:\"; Rookery needs Open MPI 4.1 or newer "
            "(launch/setup installs it)");
  EXPECT_FALSE(ParseMpiVersion("mpirun (Open MPI) 4.0.3").ok());
  EXPECT_FALSE(ParseMpiVersion("mpirun (Open MPI) ").ok());
  EXPECT_FALSE(ParseMpiVersion("").ok());
}

}  // namespace
}  // namespace rookery
