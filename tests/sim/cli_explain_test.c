/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim explain on real scenarios: which step is told, and that it reads as it should.
 */
#include "cli_call.h"

#define SHIPPED VTDSIM_SOURCE_DIR "/scenarios/"

TEST(explain, tells_the_24_reads_of_a_cold_nested_walk)
{
	struct call got = CALL("explain", SHIPPED "translation/nested-4k-4k.yaml");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "dma device=0000:3a:00.0 address=0x7f0000010000 pasid=7\n");
	expect_part(got.out,
		    ", kernel v1 (outcome there: works; on upstream, mainline: refused)\n");
	expect_part(got.out, "dmar0 (vt-d, sapphire-rapids) translates 0x7f0000010000\n");
	expect_part(got.out, "       context cache: hit, PASID cache: hit\n");
	expect_part(got.out, ", the first-stage PML4E, is in host memory where the second stage "
			     "says:\n    1        second-stage PML4E at 0x");
	expect_part(got.out, "\n    5  first-stage PML4E        at 0x");
	expect_part(got.out, "\n   20  first-stage PTE          at 0x");
	expect_part(got.out, "       first stage: 0x7f0000010000 is gpa 0x10000, in a page of 4 "
			     "KiB\n       gpa 0x10000, by the second stage:\n");
	expect_part(got.out, "\n   24        second-stage PTE   at 0x");
	expect_part(got.out, "    => 0x7f0000010000 is host 0x");
	expect_part(got.out, "       24 reads of paging entries\n");
	expect_no_part(got.out, "\n   25  ");
	expect_part(got.out, "\nresult: {status: ok, ");
	call_free(&got);
}

/* Line of a text in a file; 0: not there. */
static unsigned int line_of(const char *path, const char *part)
{
	char *text = read_file(path), *found = strstr(text, part), *p;
	unsigned int line = found ? 1 : 0;

	for (p = text; found && p < found; p++)
		line += *p == '\n';
	free(text);
	return line;
}

struct told_row {
	const char *name;
	const char *file, *line; /* of the step */
	const char *parts[5];
};

static const struct told_row told_rows[] = {
	{ "miss",
	  SHIPPED "ats/hit-and-miss.yaml",
	  "about: root and context entry",
	  { " is asked for the translation of 0x10000\n       device TLB: miss, context cache: miss\n",
	    "    => to the device TLB: 0x10000 is host 0x", ", in a page of 4 KiB; grants R W N\n",
	    " is sent a translated request to 0x", "    => host 0x" } },
	{ "hit",
	  SHIPPED "ats/hit-and-miss.yaml",
	  "access: write, address: 0x10008",
	  { "       device TLB: hit, context cache: hit\n", "       no table was read\n" } },
	{ "nothing_granted",
	  SHIPPED "ats/unmap.yaml",
	  "expect: {status: ats-denied",
	  { "    => to the device TLB: grants nothing: ", "result: {status: ats-denied," } },
	{ "blocked",
	  SHIPPED "ats/blocked.yaml",
	  "about: a hit of the device TLB",
	  { "device TLB: hit", "    => fault 0x44 (" } },
	{ "reserved",
	  SHIPPED "translation/xd-without-nxe.yaml",
	  "expect: {fault: 0x72}",
	  { "reserved: XD (bit 63)\n    => fault 0x72 (first-stage-reserved)" } },
	{ "time_out",
	  SHIPPED "ats/time-out.yaml",
	  "VFIO_IOMMU_UNMAP_DMA",
	  { "kernel: DMAR: dmar0: invalidation time-out, device 3a:00.0 does not answer" } },
};

TEST_WITH_NAMED_PARAMS(explain, tells_what_becomes_of_a_step, struct told_row, told_rows, name)
{
	struct call got;
	char line[16];

	snprintf(line, sizeof(line), "%u", line_of(param->file, param->line));
	got = CALL("explain", "--line", line, param->file);
	EXPECT_EQ(got.status, 0);
	for (unsigned int i = 0; i < 5 && param->parts[i]; i++)
		expect_part(got.out, param->parts[i]);
	call_free(&got);
}

TEST(explain, tells_a_step_by_its_line)
{
	static const char file[] = SHIPPED "translation/nested-4k-4k.yaml";
	struct call got;
	char line[16];

	snprintf(line, sizeof(line), "%u", line_of(file, "  - device: {dma:"));
	got = CALL("explain", "--kernel=v1", "--line", line, file);
	EXPECT_EQ(got.status, 0);
	/* the first DMA is cold: it finds its tables, too */
	expect_part(got.out, "PASID table entry");
	expect_part(got.out, "nested,\n         second-stage table 0x");
	expect_part(got.out, "first-stage table gpa 0x3ff000\n");
	expect_part(got.out, "24 reads of paging entries, 4 reads to find the tables; 28 together");
	call_free(&got);
}

TEST(explain, tells_a_step_by_its_number)
{
	char *dir = make_dir(), *file = make_path(dir, "good.yaml");
	struct call got = CALL("explain", "--step=1", file);

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "open name=c\n");
	expect_part(got.out, "No IOMMU took part in this step.\n");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, tells_a_fault)
{
	char *dir = make_dir(), *file = make_path(dir, "f.yaml");
	struct call got;

	write_file(dir, "f.yaml", FAULTING);
	got = CALL("explain", file);
	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "    => fault 0x");
	expect_part(got.out, "not present\n");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, tells_an_smmu_too)
{
	struct call got = CALL("explain", "--kernel=v1",
			       SHIPPED "format-mismatch/cached-info-vtd-first-silent.yaml");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "smmu0 (smmuv3) translates 0x");
	expect_part(got.out, "  STE  ");
	expect_part(got.out, "    => fault 0x08 (C_BAD_SUBSTREAMID): ");
	expect_part(got.out, "\nmeaning: ");
	call_free(&got);
}

TEST(explain, of_a_step_that_is_not_there_is_an_error)
{
	char *dir = make_dir(), *file = make_path(dir, "h.yaml");
	struct call got;

	write_file(dir, "h.yaml", HEAD("head"));
	got = CALL("explain", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err,
		    "h.yaml has no request of a device on v1; --line or --step chooses another\n");
	call_free(&got);
	got = CALL("explain", "--line=99", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "h.yaml, which has 7 lines\n");
	call_free(&got);
	got = CALL("explain", "--step=99", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "h.yaml has no step 99 on v1\n");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, prefers_the_kernel_on_which_most_goes_wrong)
{
	struct call got =
		CALL("explain", SHIPPED "format-mismatch/cached-info-vtd-first-silent.yaml");

	expect_part(got.out, ", kernel v1 (outcome there: misled)\n");
	expect_part(got.out, "\nkernel: arm-smmu-v3: smmu0: event 0x08: ");
	call_free(&got);
}

TEST(explain, takes_every_line_of_a_step)
{
	static const char file[] = SHIPPED "format-mismatch/cached-info-vtd-first-silent.yaml";
	unsigned int first = line_of(file, "  - device: {dma: {device: 0000:3a:00.0");
	char line[16], place[64];
	unsigned int i;

	snprintf(place, sizeof(place), "vtd-first-silent.yaml:%u, kernel v1", first);
	for (i = first; i < first + 5; i++) {
		struct call got;

		snprintf(line, sizeof(line), "%u", i);
		got = CALL("explain", "--line", line, file);
		EXPECT_EQ(got.status, 0);
		expect_part(got.out, place);
		call_free(&got);
	}
}

TEST(explain, of_a_line_before_the_first_step_is_an_error)
{
	char *dir = make_dir(), *file = make_path(dir, "good.yaml");
	struct call got = CALL("explain", "--line=1", file);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "no step stands in line 1 of ");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, of_bad_input_is_an_error)
{
	char *dir = make_dir(), *file = make_path(dir, "bad.yaml");
	struct call got;

	write_file(dir, "bad.yaml", BAD);
	got = CALL("explain", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "bad.yaml:2:1: error:");
	call_free(&got);
	free(file);
	remove_dir(dir);
}
