from duanban.scan.place import Elsewhere

TARGETS = ("aarch64", "riscv64", "loongarch64")


def excluded(*paths):
    return Elsewhere(paths, TARGETS).excluded()


def test_a_directory_with_counterparts_is_out_of_the_question_where_they_are():
    found = excluded("arch/x86/a.c", "arch/arm64/a.c", "arch/riscv/b.c", "kernel/fork.c")
    assert found["arch/x86/a.c"] == {0, 1}
    assert found["arch/arm64/a.c"] == {1}
    assert found["arch/riscv/b.c"] == {0}
    assert "kernel/fork.c" not in found


def test_a_file_name_counts_like_a_directory():
    found = excluded("crc_x86.c", "crc_neon.c", "crc_generic.c")
    assert found == {"crc_x86.c": {0}}


def test_without_a_counterpart_a_file_stays_in():
    assert excluded("src/avx2/fast.c", "src/main.c") == {}


def test_the_counterpart_must_stand_at_the_same_place():
    assert excluded("lib/x86/a.S", "other/arm64/a.S") == {}


def test_a_name_counts_only_as_a_whole_word():
    assert excluded("xx86y/a.c", "charm/b.c", "arm64/c.c") == {}


def test_the_place_is_the_path_up_to_the_name():
    elsewhere = Elsewhere(["arch/x86/mm/init.c", "plain.c"], TARGETS)
    assert elsewhere.place("arch/x86/mm/init.c") == "arch/x86"
    assert elsewhere.place("plain.c") == "plain.c"
