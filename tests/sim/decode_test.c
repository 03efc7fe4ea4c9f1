/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim decode: values, lists, faults in every form, and wrong arguments.
 */
#include "cli_call.h"

struct row {
	const char *name;
	const char *words[MAX_WORDS];
	int status;
	const char *text; /* all of the output, or of the messages where status is not 0 */
};

static void expect_call(const struct row *row)
{
	struct call got = call_list(row->words);

	EXPECT_EQ(got.status, row->status);
	EXPECT_STREQ(got.status ? got.err : got.out, row->text);
	EXPECT_STREQ(got.status ? got.out : got.err, "");
	call_free(&got);
}

#define HELP "'vtdsim decode --help' tells more\n"

static const struct row value_rows[] = {
	{ "first_stage_entry",
	  { "decode", "first-stage", "0x8000_0000_0000_1027" },
	  0,
	  "First-stage paging entry, 64 bits: 0x8000000000001027\n"
	  "  P                  0  1                   present\n"
	  "  RW                 1  1                   writable\n"
	  "  US                 2  1                   user\n"
	  "  A                  5  1                   accessed\n"
	  "  ADDR           51:12  0x1000              next table or page\n"
	  "  XD                63  1                   execute disable\n"
	  "  zero: PWT PCD D PS G EA\n" },
	{ "lowest_quadword_first",
	  { "decode", "pasid-entry", "0x10a0c9", "1", "100005001" },
	  0,
	  "Scalable-mode PASID table entry, 512 bits\n"
	  "  0x000000000010a0c9 0x0000000000000001 0x0000000100005001 0x0000000000000000\n"
	  "  0x0000000000000000 0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	  "  P                  0  1                   present\n"
	  "  AW               4:2  0x2                 second stage of 48 bits (4 levels)\n"
	  "  PGTT             8:6  0x3                 nested\n"
	  "  SSPTPTR        63:12  0x10a000            second-stage table\n"
	  "  DID            79:64  0x1                 domain 1\n"
	  "  SRE              128  1                   supervisor requests enabled\n"
	  "  FSPTPTR      191:140  0x100005000         first-stage table\n"
	  "  zero: FPD SSEE SSADE PWSNP PGSNP CD EMTE EMT PWT PCD PAT ERE FSPM WPE NXE SMEP EAFE\n" },
	{ "one_long_number",
	  { "decode", "root", "0x00000000000000000000000000002001" },
	  0,
	  "Legacy-mode root entry, 128 bits\n"
	  "  0x0000000000002001 0x0000000000000000\n"
	  "  P                  0  1                   present\n"
	  "  CTP            63:12  0x2000              context table\n" },
	{ "reserved_bits_are_pointed_out",
	  { "decode", "pasid-directory", "ffd" },
	  0,
	  "Scalable-mode PASID directory entry, 64 bits: 0x0000000000000ffd\n"
	  "  P                  0  1                   present\n"
	  "  zero: FPD SMPTBLPTR\n"
	  "  reserved bits that are set: 11:2\n" },
	{ "a_reserved_top_bit",
	  { "decode", "prs", "0x80000001" },
	  0,
	  "Page request status, 32 bits: 0x80000001\n"
	  "  PPR                0  1                   pending page request\n"
	  "  zero: PRO\n"
	  "  reserved bits that are set: 31\n" },
	{ "register_of_32_bits",
	  { "decode", "gsts", "c0000000" },
	  0,
	  "Global status, 32 bits: 0xc0000000\n"
	  "  RTPS              30  1                   root table pointer set\n"
	  "  TES               31  1                   translation enabled\n"
	  "  zero: CFIS IRTPS IRES QIES WBFS AFLS FLS\n" },
	{ "case_of_the_name_does_not_count",
	  { "decode", "ICS", "1" },
	  0,
	  "Invalidation completion status, 32 bits: 0x00000001\n"
	  "  IWC                0  1                   wait descriptor completed\n" },
	{ "descriptor_by_its_type",
	  { "decode", "descriptor", "0x0000000300010026", "0" },
	  0,
	  "PASID-based IOTLB invalidate descriptor, 128 bits\n"
	  "  0x0000000300010026 0x0000000000000000\n"
	  "  TYPE             3:0  0x6                 descriptor type, bits 3:0\n"
	  "  G                5:4  0x2                 all of a PASID\n"
	  "  DID            31:16  0x1                 domain 1\n"
	  "  PASID          51:32  0x3                 PASID 0x3\n"
	  "  zero: TYPE_HI AM IH ADDR\n" },
	{ "descriptor_of_256_bits_with_a_dirty_upper_half",
	  { "decode", "descriptor", "25", "0", "1" },
	  0,
	  "Invalidation wait descriptor, 128 bits\n"
	  "  0x0000000000000025 0x0000000000000000\n"
	  "  TYPE             3:0  0x5                 descriptor type, bits 3:0\n"
	  "  SW                 5  1                   write status when done\n"
	  "  zero: IF FN PD TYPE_HI DATA ADDR\n"
	  "  reserved bits that are set: in the upper half\n" },
	{ "smmu_command_by_its_opcode",
	  { "decode", "smmu-command", "0x46" },
	  0,
	  "Synchronization, 128 bits\n"
	  "  0x0000000000000046 0x0000000000000000\n"
	  "  Opcode           7:0  0x46                CMD_SYNC\n"
	  "  zero: CS MSH MSIAttr MSIData MSIAddress\n" },
};

TEST_WITH_NAMED_PARAMS(decode, says_in_words, struct row, value_rows, name)
{
	expect_call(param);
}

struct part_row {
	const char *name;
	const char *words[MAX_WORDS];
	const char *text; /* part of the output */
};

static const struct part_row word_rows[] = {
	{ "domains", { "decode", "cap", "d2078c106f0462" }, "256 domain ids\n" },
	{ "widths",
	  { "decode", "cap", "80d2008c222f06c6" },
	  "second stage: 39 bits (3 levels), 48 bits (4 levels)\n" },
	{ "guest_width", { "decode", "cap", "d2078c106f0462" }, "guest addresses of 48 bits\n" },
	{ "fault_records", { "decode", "cap", "d2078c106f0462" }, "  8 fault records\n" },
	{ "fault_place", { "decode", "cap", "d2078c106f0462" }, "fault records at 0x100\n" },
	{ "large_pages", { "decode", "cap", "d2078c106f0462" }, "pages of 2 MiB, 1 GiB\n" },
	{ "mask", { "decode", "cap", "d2078c106f0462" }, "covers up to 2^18 pages\n" },
	{ "pasid_bits", { "decode", "ecap", "3ee9e86f050df" }, "PASIDs of 20 bits\n" },
	{ "no_domains_beyond_the_first_16",
	  { "decode", "cap", "0" },
	  "  ND               2:0  0x0                 16 domain ids\n" },
	{ "one_fault_record", { "decode", "cap", "0" }, "  1 fault record\n" },
	{ "one_bit_of_pasid", { "decode", "ecap", "10000000000" }, "PASIDs of 1 bit\n" },
	{ "pasid_bits_mean_nothing_without_pasid", { "decode", "ecap", "1" }, " PSS " },
	{ "handle_mask", { "decode", "ecap", "3ee9e86f050df" }, "covers up to 32768 interrupt" },
	{ "absent_first_stage", { "decode", "first-stage", "0" }, "\n  not present\n  zero: " },
	{ "absent_second_stage", { "decode", "second-stage", "1000" }, "\n  not present\n" },
	{ "absent_pasid_entry", { "decode", "pasid-entry", "8" }, "\n  not present\n" },
	{ "absent_scalable_root", { "decode", "scalable-root", "0" }, "\n  not present\n" },
	{ "absent_descriptor", { "decode", "stage1-descriptor", "2" }, "\n  not present\n" },
	{ "reserved_granularity",
	  { "decode", "descriptor", "0x1" },
	  "  G                5:4  0x0                 reserved\n" },
	{ "iotlb_place", { "decode", "ecap", "3ee9e86f050df" }, "IOTLB registers at 0x500\n" },
	{ "ecap_pasid_is_a_bit", { "decode", "ecap", "10000000000" }, "requests with PASID\n" },
	{ "table_mode", { "decode", "rtaddr", "1400" }, "translation table mode: scalable\n" },
	{ "queue", { "decode", "iqa", "2802" }, "queue of 16 KiB\n" },
	{ "page_queue", { "decode", "pqa", "1001" }, "queue of 8 KiB\n" },
	{ "queue_width", { "decode", "iqa", "2802" }, "descriptor width: 256 bits\n" },
	{ "interrupt_table", { "decode", "irta", "7" }, "256 entries\n" },
	{ "queue_error", { "decode", "iqercd", "3" }, "unknown descriptor type\n" },
	{ "queue_error_unknown", { "decode", "iqercd", "f" }, "unknown error\n" },
	{ "context",
	  { "decode", "context", "0x1e09", "0x5" },
	  "directory of 16384 entries (PASIDs below 0x100000)\n" },
	{ "rid_pasid", { "decode", "context", "0x9", "0x5" }, "without PASID use 0x5\n" },
	{ "legacy_context", { "decode", "legacy-context", "0x9", "0x102" }, "pass-through\n" },
	{ "reserved_width", { "decode", "legacy-context", "0x1", "0x7" }, "width 7 (reserved)" },
	{ "five_levels", { "decode", "pasid-entry", "0", "0", "4" }, "first stage of 5 levels\n" },
	{ "reserved_levels", { "decode", "pasid-entry", "0", "0", "c" }, "reserved mode\n" },
	{ "reserved_type", { "decode", "pasid-entry", "0x1c1" }, "reserved type\n" },
	{ "address_mask", { "decode", "descriptor", "36", "3009" }, "2^9 pages" },
	{ "source_id", { "decode", "descriptor", "0x3a0000000031" }, "source id 3a:00.0\n" },
	{ "context_cache", { "decode", "descriptor", "0x0001", "0" }, "Context-cache" },
	{ "smmu_span", { "decode", "l1std", "0x40009" }, "2^8 streams" },
	{ "smmu_span_reserved", { "decode", "l1std", "0x1f" }, "no streams" },
	{ "smmu_level1_cd", { "decode", "l1cd", "0x80001" }, "second-level CD table" },
	{ "smmu_atc_inv", { "decode", "smmu-command", "0x10000007040" }, "CMD_ATC_INV" },
	{ "smmu_granules", { "decode", "cd", "0x400040" }, "64-KiB granule" },
	{ "smmu_ats", { "decode", "ste", "0x1", "0x10000000" }, "full ATS" },
	{ "smmu_event", { "decode", "smmu-event", "0x0a" }, "C_BAD_CD: " },
	{ "smmu_event_unknown", { "decode", "smmu-event", "0xff" }, "unknown event\n" },
	{ "smmu_opcode_unknown", { "decode", "smmu-command", "0xff" }, "unknown command\n" },
	{ "stream_entry", { "decode", "ste", "0xb" }, "stage 1\n" },
	{ "stream_entry_range", { "decode", "ste", "0x5" }, "abort\n" },
	{ "cd_count", { "decode", "ste", "0xa000000000000000" }, "2^20 context descriptors\n" },
	{ "stage2", { "decode", "ste", "0", "0", "0x40d359000000001" }, "input of 48 bits\n" },
	{ "stage2_vmid", { "decode", "ste", "0", "0", "0x40d359000000001" }, "VMID 1\n" },
	{ "stage2_start", { "decode", "ste", "0", "0", "0x40d359000000001" }, "from level 0 on\n" },
	{ "stage2_start_reserved", { "decode", "ste", "0", "0", "0xc000000000" }, "reserved start" },
	{ "asid", { "decode", "cd", "0x0007000000000000" }, "ASID 7\n" },
	{ "output", { "decode", "smmu-idr5", "0x5" }, "output of 48 bits\n" },
	{ "output_reserved", { "decode", "smmu-idr5", "0x7" }, "output size reserved\n" },
	{ "stage1_rights",
	  { "decode", "stage1-descriptor", "0xc3" },
	  "unprivileged too, read-only\n" },
	{ "stage2_rights", { "decode", "stage2-descriptor", "0xc3" }, "readable and writable\n" },
};

TEST_WITH_NAMED_PARAMS(decode, knows_the_meaning_of_values, struct part_row, word_rows, name)
{
	struct call got = call_list(param->words);

	EXPECT_EQ(got.status, 0);
	if (!strstr(got.out, param->text))
		ADD_FAILURE("no '%s' in:\n%s%s", param->text, got.out, got.err);
	call_free(&got);
}

/* ---- faults ---- */

#define NO_READ "fault 0x06 no-read: A read met a page that is not readable\n"
#define NOT_PRESENT "fault 0x71 first-stage-not-present: A first-stage entry is not present\n"
#define QUALIFIED "  not recorded where FPD is set in the context or PASID entry\n"

static const struct row fault_rows[] = {
	{ "code", { "decode", "fault", "71" }, 0, NOT_PRESENT QUALIFIED },
	{ "code_that_fpd_does_not_hide",
	  { "decode", "fault", "0x01" },
	  0,
	  "fault 0x01 root-not-present: The root entry is not present\n  always recorded\n" },
	{ "code_of_interrupt_remapping",
	  { "decode", "fault", "0x22" },
	  0,
	  "fault 0x22 interrupt-entry-not-present: The interrupt remapping entry is not present\n"
	  "  not recorded where FPD is set in the interrupt remapping entry\n" },
	{ "code_of_nothing",
	  { "decode", "fault", "0xee" },
	  0,
	  "fault 0xee: no reason known by that code\n" },
	{ "old_log_first_line",
	  { "decode", "fault", "DMAR:[DMA Read] Request device [00:02.0] fault addr 7cd80000" },
	  0,
	  "DMA read by 00:02.0 without PASID at 0x7cd80000\n"
	  "the reason is not in this line; the kernel prints it in the next one\n" },
	{ "old_log_second_line",
	  { "decode", "fault", "DMAR:[fault reason 06] PTE Read access is not set" },
	  0,
	  NO_READ },
	{ "old_log_both_lines",
	  { "decode", "fault",
	    "DMAR:[DMA Read] Request device [00:02.0] fault addr 7cd80000 \n"
	    "DMAR:[fault reason 06] PTE Read access is not set" },
	  0,
	  "DMA read by 00:02.0 without PASID at 0x7cd80000\n" NO_READ },
	{ "log_without_pasid",
	  { "decode", "fault",
	    "[   12.3] DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x7cd80000 "
	    "[fault reason 0x01] Present bit in root entry is clear" },
	  0,
	  "DMA read by 00:02.0 without PASID at 0x7cd80000\n"
	  "fault 0x01 root-not-present: The root entry is not present\n" },
	{ "log_with_pasid",
	  { "decode", "fault",
	    "DMAR: [DMA Write PASID 0x5] Request device [6a:01.0] fault addr 0x7f0000000000 "
	    "[fault reason 0x71] SM: Present bit in first-level paging entry is clear" },
	  0,
	  "DMA write by 6a:01.0 with PASID 0x5 at 0x7f0000000000\n" NOT_PRESENT },
	{ "log_taken_apart_by_the_shell",
	  { "decode", "fault", "DMAR:", "[DMA", "Write", "PASID", "0x5]", "Request", "device",
	    "[6a:01.0]", "fault" },
	  0,
	  "DMA write by 6a:01.0 with PASID 0x5\n"
	  "the reason is not in this line; the kernel prints it in the next one\n" },
	{ "log_of_the_years_between",
	  { "decode", "fault",
	    "DMAR: [DMA Write] Request device [5e:00.0] PASID ffffffff fault addr f000 "
	    "[fault reason 113] SM: Present bit in first-level paging entry is clear" },
	  0,
	  "DMA write by 5e:00.0 without PASID at 0xf000\n" NOT_PRESENT
	  "  (the log's 113 is decimal, as older kernels print it)\n" },
	{ "log_of_interrupt_remapping",
	  { "decode", "fault",
	    "DMAR: [INTR-REMAP] Request device [f0:1f.7] fault index 0x2a [fault reason 0x25] x" },
	  0,
	  "interrupt request by f0:1f.7, index 0x2a\n"
	  "fault 0x25 compatibility-interrupt-blocked: A compatibility-format interrupt was blocked\n" },
	{ "log_that_is_none",
	  { "decode", "fault", "[drm] nothing" },
	  2,
	  "vtdsim decode: '[drm] nothing' is no hex number, nor a line in which a kernel logs a "
	  "fault\n" HELP },
	{ "log_with_a_broken_device",
	  { "decode", "fault", "DMAR: Request device [what] [fault reason 0x71]" },
	  2,
	  "vtdsim decode: no device that a kernel would log, as in [3a:00.0], stands at '[what] "
	  "[fault reason 0x71]'\n" HELP },
	{ "log_with_a_device_beyond_its_bus",
	  { "decode", "fault", "DMAR: Request device [3a:20.0] x" },
	  2,
	  "vtdsim decode: no device that a kernel would log, as in [3a:00.0], stands at '[3a:20.0] "
	  "x'\n" HELP },
	{ "log_of_linux_5_15",
	  { "decode", "fault",
	    "DMAR: [DMA Write PASID 0x5] Request device [0x3a:0x00.0] fault addr 0x7f0000000000 "
	    "[fault reason 0x71] SM: Present bit in first-level paging entry is clear" },
	  0,
	  "DMA write by 3a:00.0 with PASID 0x5 at 0x7f0000000000\n" NOT_PRESENT },
	{ "log_of_interrupt_remapping_in_linux_5_15",
	  { "decode", "fault",
	    "DMAR: INTR-REMAP: Request device [0xf0:0x1f.7] fault index 0x2a [fault reason 0x22] "
	    "Present field in the IRTE entry is clear" },
	  0,
	  "interrupt request by f0:1f.7, index 0x2a\n"
	  "fault 0x22 interrupt-entry-not-present: The interrupt remapping entry is not present\n" },
	{ "log_of_interrupt_remapping_in_old_kernels",
	  { "decode", "fault", "DMAR: INTR-REMAP: Request device [[f0:1f.7] fault index 2a" },
	  0,
	  "interrupt request by f0:1f.7, index 0x2a\n"
	  "the reason is not in this line; the kernel prints it in the next one\n" },
	{ "log_with_a_segment",
	  { "decode", "fault",
	    "DMAR: [DMA Read] Request device [0000:3a:00.0] fault addr 1000 [fault reason 0x06] x" },
	  0,
	  "DMA read by 0000:3a:00.0 without PASID at 0x1000\n" NO_READ },
	{ "name", { "decode", "fault", "no-read" }, 0, NO_READ QUALIFIED },
	{ "name_of_an_smmu_event",
	  { "decode", "fault", "C_BAD_CD" },
	  0,
	  "SMMU event 0x0a C_BAD_CD: The context descriptor is invalid or illegal.\n" },
	{ "name_that_is_near",
	  { "decode", "fault", "F_TRANSLATIN" },
	  2,
	  "vtdsim decode: unknown fault 'F_TRANSLATIN'; did you mean 'F_TRANSLATION'?\n" HELP },
	{ "smmu_log",
	  { "decode", "fault",
	    "arm-smmu-v3: smmu0: event 0x08: bad SubstreamID, stream 0x100 substream 0x7" },
	  0,
	  "DMA of stream 0x100 with substream 0x7\n"
	  "SMMU event 0x08 C_BAD_SUBSTREAMID: The SubstreamID is beyond the context descriptor "
	  "table, or substreams are off.\n" },
	{ "smmu_log_with_an_address",
	  { "decode", "fault",
	    "arm-smmu-v3: smmu0: event 0x10: translation fault, stream 0x100 writing 0x7000 stage "
	    "2" },
	  0,
	  "DMA of stream 0x100, writing 0x7000, in stage 2\n"
	  "SMMU event 0x10 F_TRANSLATION: The address is not mapped.\n" },
	{ "smmu_log_of_ats",
	  { "decode", "fault",
	    "arm-smmu-v3: smmu0: event 0x05: bad ATS translation request, stream 0x100 address "
	    "0x7000" },
	  0,
	  "DMA of stream 0x100, of address 0x7000\n"
	  "SMMU event 0x05 F_BAD_ATS_TREQ: A translation request, where the stream may not use "
	  "ATS.\n" },
	{ "smmu_log_of_linux",
	  { "decode", "fault", "arm-smmu-v3 arm-smmu-v3.0.auto: event 0x24 received:" },
	  0,
	  "SMMU event 0x24 E_PAGE_REQUEST: A hint that the page may be asked for soon.\n" },
	{ "smmu_log_without_a_number",
	  { "decode", "fault", "arm-smmu-v3: smmu0: event 0xzz: x" },
	  2,
	  "vtdsim decode: no event number that a kernel would log stands at 'event 0xzz: x'\n" HELP },
	{ "no_hex",
	  { "decode", "fault", "zz" },
	  2,
	  "vtdsim decode: 'zz' is neither a hex number nor the name of a fault; 'vtdsim decode "
	  "fault --list' names all\n" HELP },
	{ "neither_code_nor_record",
	  { "decode", "fault", "1234" },
	  2,
	  "vtdsim decode: no fault reason is above 0xff; expected one, or both quadwords of a fault "
	  "record\n" HELP },
	{ "record",
	  { "decode", "fault", "0x7f0000000000", "0x8000057180006a08" },
	  0,
	  "DMA write by 6a:01.0 with PASID 0x5 at 0x7f0000000000\n" NOT_PRESENT "\n"
	  "Fault recording, 128 bits\n"
	  "  0x00007f0000000000 0x8000057180006a08\n"
	  "  FI             63:12  0x7f0000000000      faulting address\n"
	  "  SID            79:64  0x6a08              source id 6a:01.0\n"
	  "  PP                95  1                   PASID present\n"
	  "  FR            103:96  0x71                A first-stage entry is not present\n"
	  "  PV           123:104  0x5                 PASID 0x5\n"
	  "  F                127  1                   fault recorded\n"
	  "  zero: T2 PRIV EXE AT T1\n" },
	{ "nothing",
	  { "decode", "fault" },
	  2,
	  "vtdsim decode: expected a hex number after 'fault'\n" HELP },
};

TEST_WITH_NAMED_PARAMS(decode_fault, reads, struct row, fault_rows, name)
{
	expect_call(param);
}

TEST(decode_fault, a_long_record_is_most_significant_first)
{
	struct call got = CALL("decode", "fault", "0x8000057180006a0800007f0000000000");

	EXPECT_EQ(got.status, 0);
	EXPECT_TRUE(strstr(got.out, "DMA write by 6a:01.0 with PASID 0x5 at 0x7f0000000000\n") !=
		    NULL);
	call_free(&got);
}

TEST(decode_fault, a_record_of_interrupt_remapping_holds_an_index)
{
	struct call got = CALL("decode", "fault", "0x2a000000000000", "0x800000250000f0ff");

	EXPECT_EQ(got.status, 0);
	EXPECT_TRUE(strstr(got.out, "interrupt request by f0:1f.7, index 0x2a\n") != NULL);
	call_free(&got);
}

/* Of the architecture's table: what a bring-up engineer looks up. */
TEST(decode_fault, lists_each_reason_of_the_architecture)
{
	static const unsigned int reasons[] = {
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20,
		0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x30, 0x31, 0x32, 0x38, 0x39, 0x3a, 0x40, 0x41,
		0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x50, 0x51, 0x52, 0x58, 0x59, 0x5a, 0x5b,
		0x5c, 0x5d, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x7b,
		0x7c, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x90,
	};
	struct call got = CALL("decode", "fault", "--list");

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		char part[16];

		snprintf(part, sizeof(part), "\n  0x%02x  ", reasons[i]);
		expect_part(got.out, part);
	}
	call_free(&got);
}

TEST(decode_fault, of_a_log_line_is_recorded_and_says_nothing_of_fpd)
{
	struct call line = CALL("decode", "fault", "DMAR: [fault reason 0x02] Present bit"),
		    reason = CALL("decode", "fault", "2");

	EXPECT_TRUE(strstr(line.out, "FPD") == NULL);
	expect_part(reason.out, "not recorded where FPD is set");
	call_free(&line);
	call_free(&reason);
}

TEST(decode_fault, knows_smmu_events_that_the_model_does_not_raise)
{
	struct call name = CALL("decode", "fault", "F_TLB_CONFLICT"),
		    line = CALL(
			    "decode", "fault",
			    "arm-smmu-v3 x: event: F_PERMISSION client: 0000:01:00.0 sid: 0x100 "
			    "ssid: 0x7 iova: 0x7000 ipa: 0x0"),
		    quadword = CALL("decode", "fault", "arm-smmu-v3 x: 0x0000010000000010");

	expect_part(name.out, "SMMU event 0x20 F_TLB_CONFLICT: ");
	EXPECT_STREQ(line.out,
		     "DMA of stream 0x100 with substream 0x7, of address 0x7000\n"
		     "SMMU event 0x13 F_PERMISSION: The page does not permit this access.\n");
	EXPECT_EQ(quadword.status, 2);
	expect_part(quadword.err, "'vtdsim decode smmu-event'");
	call_free(&name);
	call_free(&line);
	call_free(&quadword);
}

TEST(decode, takes_registers_by_their_own_names)
{
	struct call got = CALL("decode", "iqt", "40");

	expect_part(got.out, "OFFSET          18:4  0x40");
	call_free(&got);
}

TEST(decode, lists_no_descriptors_but_those_of_the_invalidation_queue)
{
	struct call got = CALL("decode", "descriptor", "--list");

	EXPECT_EQ(strncmp(got.out, "Context-cache invalidate", 24), 0);
	EXPECT_TRUE(strstr(got.out, "Page request descriptor") == NULL);
	call_free(&got);
}

TEST(decode_fault, lists_all_reasons)
{
	struct call got = CALL("decode", "fault", "--list");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "\n  0x01  root-not-present");
	expect_part(got.out, "\n  0x90  first-stage-ad-no-snoop");
	expect_part(got.out, "\n  0x0a  root-reserved                   The");
	expect_part(got.out, "\n  0x7a  scalable-second-stage-reserved  A ");
	expect_part(got.out, "\n  0x0a  C_BAD_CD           The");
	/* in ascending order */
	EXPECT_TRUE(strstr(got.out, "\n  0x0e ") < strstr(got.out, "\n  0x20 "));
	EXPECT_TRUE(strstr(got.out, "\n  0x26  interrupt-source") < strstr(got.out, "\n  0x30 "));
	call_free(&got);
}

/* ---- lists and wrong arguments ---- */

TEST(decode, lists_the_events_below_the_fields_of_their_record)
{
	struct call got = CALL("decode", "smmu-event", "--list");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "Event record (smmu-event), 256 bits\n");
	expect_part(got.out, "\n  0x10  F_TRANSLATION      The address is not mapped.\n");
	call_free(&got);
}

TEST(decode, knows_the_modes_by_name)
{
	struct call scalable = CALL("decode", "scalable-context", "9"),
		    legacy = CALL("decode", "legacy-root", "2001"),
		    entry = CALL("decode", "scalable-pasid-entry", "9"),
		    whole = CALL("decode", "context", "9", "5", "0", "1");

	expect_part(scalable.out, "Scalable-mode context entry, 256 bits\n");
	expect_part(scalable.out,
		    "\n  (scalable mode; 'legacy-context' reads the 128-bit entry)\n");
	expect_part(legacy.out, "Legacy-mode root entry, 128 bits\n");
	expect_part(entry.out, "Scalable-mode PASID table entry, 512 bits\n");
	expect_no_part(whole.out, "legacy-context");
	call_free(&scalable);
	call_free(&legacy);
	call_free(&entry);
	call_free(&whole);
}

TEST(decode, lists_the_formats)
{
	struct call got = CALL("decode", "--list");

	EXPECT_EQ(got.status, 0);
	EXPECT_TRUE(strstr(got.out,
			   "\n  pasid-entry                        512  Scalable-mode PASID "
			   "table entry\n") != NULL);
	EXPECT_TRUE(strstr(got.out, "\n  ste ") != NULL);
	EXPECT_TRUE(strstr(got.out, "\n  fault ") != NULL);
	call_free(&got);
}

TEST(decode, lists_the_fields_of_a_format)
{
	struct call got = CALL("decode", "--list", "pasid-directory");

	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(got.out, "Scalable-mode PASID directory entry (pasid-directory), 64 bits\n"
			      "  P                  0  present\n"
			      "  FPD                1  fault processing disabled\n"
			      "  SMPTBLPTR      63:12  PASID table\n");
	call_free(&got);
}

TEST(decode, lists_the_descriptors)
{
	struct call got = CALL("decode", "descriptor", "--list");

	EXPECT_EQ(got.status, 0);
	EXPECT_TRUE(strstr(got.out, "Invalidation wait descriptor (wait), 128 bits\n") != NULL);
	EXPECT_TRUE(strstr(got.out, "Context descriptor") == NULL);
	call_free(&got);
}

static const struct row wrong_rows[] = {
	{ "nothing",
	  { "decode" },
	  2,
	  "vtdsim decode: expected what to decode, and hex numbers\n" HELP },
	{ "unknown_near",
	  { "decode", "eecap", "1" },
	  2,
	  "vtdsim decode: unknown format 'eecap'; did you mean 'ecap'?\n" HELP },
	{ "unknown_far",
	  { "decode", "motherboard", "1" },
	  2,
	  "vtdsim decode: unknown format 'motherboard'; 'vtdsim decode --list' names all\n" HELP },
	{ "no_value",
	  { "decode", "cap" },
	  2,
	  "vtdsim decode: expected a hex number after 'cap'\n" HELP },
	{ "no_hex",
	  { "decode", "cap", "0xcafg" },
	  2,
	  "vtdsim decode: '0xcafg' is no hex number of at most 64 bits\n" HELP },
	{ "only_0x",
	  { "decode", "cap", "0x" },
	  2,
	  "vtdsim decode: '0x' is no hex number of at most 64 bits\n" HELP },
	{ "too_wide",
	  { "decode", "cap", "1_0000_0000_0000_0000" },
	  2,
	  "vtdsim decode: '1_0000_0000_0000_0000' is no hex number of at most 64 bits\n" HELP },
	{ "too_wide_for_32",
	  { "decode", "gsts", "100000000" },
	  2,
	  "vtdsim decode: '100000000' is no hex number of at most 32 bits\n" HELP },
	{ "a_word_too_wide",
	  { "decode", "root", "1", "10000000000000000" },
	  2,
	  "vtdsim decode: '10000000000000000' is no hex number of at most 64 bits\n" HELP },
	{ "too_many_words",
	  { "decode", "root", "1", "2", "3" },
	  2,
	  "vtdsim decode: '3' is one word too many: 128 bits are 2 quadwords\n" HELP },
	{ "descriptor_of_no_type",
	  { "decode", "descriptor", "e0f" },
	  2,
	  "vtdsim decode: no descriptor has type 127 (bits 11:9 and 3:0)\n" HELP },
	{ "descriptor_no_hex",
	  { "decode", "descriptor", "x" },
	  2,
	  "vtdsim decode: 'x' is no hex number of at most 256 bits\n" HELP },
	{ "record_no_hex",
	  { "decode", "fault", "1", "x" },
	  2,
	  "vtdsim decode: 'x' is no hex number of at most 64 bits\n" HELP },
};

TEST_WITH_NAMED_PARAMS(decode, refuses, struct row, wrong_rows, name)
{
	expect_call(param);
}
