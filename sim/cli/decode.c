/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim decode: values of registers, table entries and descriptors in words. Faults are
 * decode_fault.c's.
 */
#include "decode.h"

#include "smmuv3/smmuv3-format.h"
#include "vtd/vtd-format.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MAX_NAMES 128

static const struct argp_option options[] = {
	{ "list", OPTION_LIST, NULL, 0,
	  "list the formats, the fields of WHAT, or all fault reasons", 0 },
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim decode",
	.words = "WHAT HEX...",
	.options = options,
	.doc = "Says in words what a register, table entry, descriptor or fault holds: cap, ecap, "
	       "context, pasid-entry, first-stage, second-stage, descriptor, fault and many more "
	       "(--list names all).\v"
	       "A value wider than 64 bits is one long hex number, most significant digit first, or "
	       "several words, lowest quadword first as memory dumps show them; words left out are "
	       "zero. A fault is a reason code, a name of 'fault --list', a fault record (two "
	       "quadwords) or a line of a kernel log.\n\n"
	       "Examples:\n"
	       "  vtdsim decode ecap 3ee9e86f050df\n"
	       "  vtdsim decode pasid-entry 0x10a0c9 0x1 0x100005001\n"
	       "  vtdsim decode descriptor 0x0000000300010026 0x0\n"
	       "  vtdsim decode fault 0x71\n"
	       "  vtdsim decode fault C_BAD_CD\n"
	       "  vtdsim decode fault 'DMAR:[fault reason 06] PTE Read access is not set'\n"
	       "  vtdsim decode pasid-entry --list\n\n"
	       "Exit status: 0 decoded; 2 no such format, or no hex number.",
};

/* ---- values ---- */

/* One argument as hex digits into digits, most significant first. Returns their number, 0: wrong. */
static size_t hex_digits(const char *word, char *digits, size_t most)
{
	size_t count = 0;

	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
		word += 2;
	for (; *word; word++) {
		if (*word == '_' && count)
			continue;
		if (!isxdigit((unsigned char)*word) || count == most)
			return 0;
		digits[count++] = *word;
	}
	return count;
}

static unsigned int digit_value(char c)
{
	return isdigit((unsigned char)c) ? (unsigned int)(c - '0')
					 : (unsigned int)(tolower((unsigned char)c) - 'a' + 10);
}

static int bad_value(const struct arguments *arguments, const char *word, unsigned int bits)
{
	return usage_error(arguments, "'%s' is no hex number of at most %u bits", word, bits);
}

/* Puts a word at a quadword and upwards. */
static int put_word(const struct arguments *arguments, const char *word, unsigned int bits,
		    u64 *entry)
{
	char digits[ENTRY_QUADWORDS * 16 + 1];
	size_t count = hex_digits(word, digits, sizeof(digits) - 1), i;

	for (i = 0; i < count && digits[i] == '0';)
		i++;
	if (!count || (count - i) * 4 > bits + 3u)
		return bad_value(arguments, word, bits);
	for (i = 0; i < count; i++) {
		size_t from_low = count - 1 - i;
		u64 value = digit_value(digits[i]);

		if (from_low / 16 < ENTRY_QUADWORDS)
			entry[from_low / 16] |= value << from_low % 16 * 4;
	}
	if (bits < 64 && entry[0] >> bits)
		return bad_value(arguments, word, bits);
	return STATUS_GO_ON;
}

int decode_value(const struct arguments *arguments, unsigned int bits, u64 *entry)
{
	size_t count = arguments->word_count - 1, i;
	unsigned int quadwords = (bits + 63) / 64;

	memset(entry, 0, ENTRY_QUADWORDS * sizeof(*entry));
	if (!count)
		return usage_error(arguments, "expected a hex number after '%s'",
				   arguments->words[0]);
	if (count > quadwords)
		return usage_error(arguments,
				   "'%s' is one word too many: %u bits are %u quadword%s",
				   arguments->words[quadwords + 1], bits, quadwords,
				   quadwords == 1 ? "" : "s");
	if (count == 1)
		return put_word(arguments, arguments->words[1], bits, entry);
	for (i = 0; i < count; i++) {
		int status = put_word(arguments, arguments->words[i + 1], 64, &entry[i]);

		if (status != STATUS_GO_ON)
			return status;
	}
	return STATUS_GO_ON;
}

/* ---- lists ---- */

static void list_one(void *arg, const struct format *format)
{
	const struct cli *cli = arg;

	fprintf(cli->out, "  %s%-33s%s %4u  %s\n", tint_on(&cli->out_style, TINT_BOLD),
		format->name, tint_off(&cli->out_style), format->bits, format->title);
}

static int list_formats(const struct cli *cli)
{
	fprintf(cli->out, "  %-33s %4s\n", "format", "bits");
	format_visit(list_one, (void *)cli);
	fprintf(cli->out, "  %-33s %4s  %s\n", "descriptor", "",
		"Invalidation descriptor of any type");
	fprintf(cli->out, "  %-33s %4s  %s\n", "fault", "",
		"Fault reason, name, fault record or kernel log line");
	fprintf(cli->out, "'vtdsim decode WHAT --list' lists the fields of a format\n");
	return STATUS_HELD;
}

/* Names for the nearest one to an unknown name. */
struct names {
	const char *list[MAX_NAMES + 1];
	size_t count;
};

static void collect_name(void *arg, const struct format *format)
{
	struct names *names = arg;

	if (names->count < MAX_NAMES)
		names->list[names->count++] = format->name;
}

static int unknown_format(const struct arguments *arguments)
{
	struct names names = { .list = { "fault", "descriptor" }, .count = 2 };
	const char *nearest;

	format_visit(collect_name, &names);
	nearest = nearest_word(arguments->words[0], names.list);
	if (nearest)
		return usage_error(arguments, "unknown format '%s'; did you mean '%s'?",
				   arguments->words[0], nearest);
	return usage_error(arguments, "unknown format '%s'; 'vtdsim decode --list' names all",
			   arguments->words[0]);
}

/* ---- decoding ---- */

/* A queue entry: which format it has, it says itself. */
static int decode_descriptor(const struct arguments *arguments)
{
	const struct cli *cli = arguments->cli;
	u64 entry[ENTRY_QUADWORDS];
	const struct format *format;
	int status = decode_value(arguments, 256, entry);

	if (status != STATUS_GO_ON)
		return status;
	format = vtd_descriptor_format(entry);
	if (!format)
		return usage_error(arguments, "no descriptor has type %llu (bits 11:9 and 3:0)",
				   (entry[0] & 0xf) | (entry[0] >> 9 & 7) << 4);
	print_entry(cli->out, &cli->out_style, format, entry);
	if (format->bits == 128 && (entry[2] | entry[3]))
		fprintf(cli->out, "  %sreserved bits that are set: in the upper half%s\n",
			tint_on(&cli->out_style, TINT_NOTE), tint_off(&cli->out_style));
	return STATUS_HELD;
}

static int decode_format(const struct arguments *arguments, const struct format *format)
{
	const struct cli *cli = arguments->cli;
	u64 entry[ENTRY_QUADWORDS];
	int status;

	if (arguments->list) {
		print_format(cli->out, &cli->out_style, format);
		if (!strcmp(format->name, "smmu-event")) {
			fputc('\n', cli->out);
			list_smmu_events(cli);
		}
		return STATUS_HELD;
	}
	status = decode_value(arguments, format->bits, entry);
	if (status != STATUS_GO_ON)
		return status;
	/* which parameters a command has depends on which command it is */
	if (!strncmp(format->name, "smmu-command", 12) && smmuv3_command_format(entry))
		format = smmuv3_command_format(entry);
	print_entry(cli->out, &cli->out_style, format, entry);
	if (!strcmp(format->name, "context") && !(entry[2] | entry[3]))
		fprintf(cli->out, "  (scalable mode; 'legacy-context' reads the 128-bit entry)\n");
	return STATUS_HELD;
}

#define DESCRIPTOR_TYPES 128u /* 7 bits: 11:9 and 3:0 */

static void list_descriptors(const struct cli *cli)
{
	u64 type;

	for (type = 0; type < DESCRIPTOR_TYPES; type++) {
		const u64 descriptor = (type & 0xf) | (type >> 4) << 9;
		const struct format *format = vtd_descriptor_format(&descriptor);

		if (format)
			print_format(cli->out, &cli->out_style, format);
	}
}

/* A register of VT-d by its own name has the format of those that are like it. NULL: there is none, or it has no fields. */
static const struct format *register_format(const char *name)
{
	const struct vtd_register *registers;
	size_t count, i;

	registers = vtd_registers(&count);
	for (i = 0; i < count; i++)
		if (!strcasecmp(registers[i].name, name))
			return registers[i].format;
	return NULL;
}

static int decode(const struct arguments *arguments)
{
	const char *what = arguments->word_count ? arguments->words[0] : NULL;
	const struct format *format;

	if (arguments->list && arguments->word_count > 1)
		return usage_error(arguments, "--list takes no value, but there is '%s'",
				   arguments->words[1]);
	if (!what && arguments->list)
		return list_formats(arguments->cli);
	if (!what)
		return usage_error(arguments, "expected what to decode, and hex numbers");
	if (!strcmp(what, "fault")) {
		if (!arguments->list)
			return decode_fault(arguments);
		list_faults(arguments->cli);
		return STATUS_HELD;
	}
	if (!strcmp(what, "descriptor")) {
		if (!arguments->list)
			return decode_descriptor(arguments);
		list_descriptors(arguments->cli);
		return STATUS_HELD;
	}
	format = format_named(what);
	if (!format)
		format = register_format(what);
	return format ? decode_format(arguments, format) : unknown_format(arguments);
}

int command_decode(struct cli *cli, int argc, char **argv)
{
	struct arguments arguments;
	int status = arguments_read(cli, &line, argc, argv, &arguments);

	if (status == STATUS_GO_ON)
		status = decode(&arguments);
	arguments_free(&arguments);
	return status;
}
