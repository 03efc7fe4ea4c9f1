/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim decode fault: reason codes, names, fault records, and the lines in which kernels of several
 * ages log them. Events of an SMMU are decode_smmu.c's.
 */
#include "decode.h"

#include "vtd/vtd-fault.h"
#include "vtd/vtd-format.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* 5.1.4.1: faults of interrupt remapping */
#define INTERRUPT_FIRST 0x20u
#define INTERRUPT_LAST 0x2bu
#define FAULT_NAME_WIDTH 31

/* A fault as far as the input tells of it. */
struct fault {
	bool has_reason, has_source, has_address, has_kind, has_pasid, has_index;
	unsigned int reason;
	char kind[32]; /* "read", "write", "interrupt" */
	char source[32]; /* "0000:6a:01.0" or "6a:01.0" */
	u64 pasid, address;
	bool decimal_reason; /* an old kernel's: printed with %02d */
	const char *spoilt; /* where a line has no number that it should have, or NULL */
	const char *no_source; /* where it has no device that it should have, or NULL */
};

/* ---- texts ---- */

static bool of_interrupts(unsigned int code)
{
	return code >= INTERRUPT_FIRST && code <= INTERRUPT_LAST;
}

static void print_reason(const struct cli *cli, unsigned int code)
{
	const struct vtd_fault_info *info = vtd_fault_info(code);

	fprintf(cli->out, "fault 0x%02x", code);
	if (info)
		fprintf(cli->out, " %s%s%s: %s\n", tint_on(&cli->out_style, TINT_BOLD), info->name,
			tint_off(&cli->out_style), info->text);
	else
		fprintf(cli->out, ": no reason known by that code\n");
}

/* Whether a fault for the reason leaves a record. */
static void print_qualification(const struct cli *cli, unsigned int code)
{
	const struct vtd_fault_info *info = vtd_fault_info(code);

	if (info)
		fprintf(cli->out, "  %s\n",
			!info->qualified ? "always recorded"
			: of_interrupts(code)
				? "not recorded where FPD is set in the interrupt remapping entry"
				: "not recorded where FPD is set in the context or PASID entry");
}

static void print_fault(const struct cli *cli, const struct fault *fault)
{
	const char *kind = fault->has_kind ? fault->kind : "DMA";
	bool interrupt = fault->has_kind && !strcmp(kind, "interrupt");

	if (fault->has_source || fault->has_address) {
		fprintf(cli->out, "%s%s%s", interrupt || !fault->has_kind ? "" : "DMA ",
			fault->has_kind ? kind : "DMA", interrupt ? " request" : "");
		if (fault->has_source)
			fprintf(cli->out, " by %s%s%s", tint_on(&cli->out_style, TINT_BOLD),
				fault->source, tint_off(&cli->out_style));
		if (fault->has_pasid)
			fprintf(cli->out, " with PASID 0x%llx", fault->pasid);
		else if (!interrupt)
			fprintf(cli->out, " without PASID");
		if (fault->has_address)
			fprintf(cli->out, fault->has_index ? ", index 0x%llx" : " at 0x%llx",
				fault->address);
		fputc('\n', cli->out);
	}
	if (fault->has_reason) {
		print_reason(cli, fault->reason);
		if (fault->decimal_reason && fault->reason >= 10)
			fprintf(cli->out,
				"  (the log's %u is decimal, as older kernels print it)\n",
				fault->reason);
	} else {
		fprintf(cli->out, "the reason is not in this line; the kernel prints it in the "
				  "next one\n");
	}
}

static u64 record_field(const u64 *record, const char *name)
{
	return format_field_get(vtd_field(vtd_format("frcd"), name), record);
}

/* ---- fault records ---- */

static int decode_record(const struct arguments *arguments)
{
	const struct cli *cli = arguments->cli;
	struct fault fault = { .has_reason = true, .has_source = true, .has_address = true };
	u64 record[ENTRY_QUADWORDS];
	int status = decode_value(arguments, 128, record);

	if (status != STATUS_GO_ON)
		return status;
	fault.reason = (unsigned int)record_field(record, "FR");
	fault.address = record_field(record, "FI");
	fault.has_pasid = record_field(record, "PP");
	fault.pasid = record_field(record, "PV");
	fault.has_kind = true;
	snprintf(fault.kind, sizeof(fault.kind), "%s",
		 record_field(record, "T1") ? "read" : "write");
	source_words(record_field(record, "SID"), fault.source, sizeof(fault.source));
	if (of_interrupts(fault.reason)) {
		/* then FI holds the interrupt index in bits 63:48 */
		snprintf(fault.kind, sizeof(fault.kind), "interrupt");
		fault.has_index = true;
		fault.address >>= 48;
	}
	print_fault(cli, &fault);
	fputc('\n', cli->out);
	print_entry(cli->out, &cli->out_style, vtd_format("frcd"), record);
	return STATUS_HELD;
}

/* ---- log lines ---- */

static bool is_log(const char *text)
{
	return strstr(text, "DMAR") || strchr(text, '[') || strstr(text, "fault ");
}

/* The text behind the first of a word in a line, or NULL. */
static const char *behind(const char *text, const char *word)
{
	const char *found = strstr(text, word);

	return found ? found + strlen(word) : NULL;
}

/*
 * "[DMA Read]", "[DMA Write NO_PASID]", "[DMA Write PASID 0x5]", "[INTR-REMAP]": what was asked, and
 * in newer kernels with what PASID.
 */
static void parse_kind(const char *text, struct fault *fault)
{
	const char *kind = behind(text, "[DMA ");
	size_t len = kind ? strcspn(kind, " ]") : 0, i;

	if (strstr(text, "[INTR-REMAP]") || strstr(text, "INTR-REMAP:")) {
		strcpy(fault->kind, "interrupt");
		fault->has_kind = true;
	} else if (kind && len && len < sizeof(fault->kind)) {
		for (i = 0; i < len; i++)
			fault->kind[i] = (char)tolower((unsigned char)kind[i]);
		fault->kind[len] = '\0';
		fault->has_kind = true;
	}
}

/* The number that a line has at a place; one that is none, or beyond max, spoils the line. */
static bool number_at(struct fault *fault, const char *at, int base, u64 *out, u64 max)
{
	char *end;

	errno = 0;
	*out = strtoull(at, &end, base);
	if (end != at && !errno && !isalnum((unsigned char)*end) && *out <= max)
		return true;
	fault->spoilt = at;
	return false;
}

/* "PASID 0x5" or, in older kernels, "PASID 5" in hex, where ffffffff stands for none. */
static void parse_pasid(const char *text, struct fault *fault)
{
	const char *value = behind(text, "PASID ");

	if (value && number_at(fault, value, 16, &fault->pasid, 0xffffffff))
		fault->has_pasid = fault->pasid < 1u << 20;
}

/* The hex number of at most `most` at *at, with or without 0x, up to an end; *at goes behind that. */
static bool source_part(const char **at, char end, unsigned long most, unsigned long *out)
{
	char *behind_digits;

	if (!isxdigit((unsigned char)**at))
		return false;
	*out = strtoul(*at, &behind_digits, 16);
	if (*behind_digits != end || *out > most)
		return false;
	*at = behind_digits + 1;
	return true;
}

/* "0000:3a:00.0" rather than "3a:00.0" */
static bool names_segment(const char *source)
{
	const char *first = strpbrk(source, ":.]");
	const char *second = first && *first == ':' ? strpbrk(first + 1, ":.]") : NULL;

	return second && *second == ':';
}

/*
 * "Request device [00:02.0]", also with a segment. Linux 5.14 to 5.17 log [0x00:0x02.0], the interrupt
 * remapping of old ones [[00:02.0].
 */
static void parse_source(const char *text, struct fault *fault)
{
	const char *source = behind(text, "device ["), *at;
	unsigned long segment = 0, bus, slot, function;
	bool has_segment;

	if (!source)
		return;
	source += *source == '[';
	at = source;
	has_segment = names_segment(source);
	if ((has_segment && !source_part(&at, ':', 0xffff, &segment)) ||
	    !source_part(&at, ':', 0xff, &bus) || !source_part(&at, '.', 0x1f, &slot) ||
	    !source_part(&at, ']', 7, &function)) {
		fault->no_source = source;
		return;
	}
	if (has_segment)
		snprintf(fault->source, sizeof(fault->source), "%04lx:%02lx:%02lx.%lx", segment,
			 bus, slot, function);
	else
		snprintf(fault->source, sizeof(fault->source), "%02lx:%02lx.%lx", bus, slot,
			 function);
	fault->has_source = true;
}

static void parse_address(const char *text, struct fault *fault)
{
	const char *address = behind(text, "fault addr ");
	const char *index = behind(text, "fault index ");

	if (!address && !index)
		return;
	/* the index has been printed in hex at all times */
	fault->has_address =
		number_at(fault, address ? address : index, 16, &fault->address, ~0ULL);
	fault->has_index = !address;
}

/* "[fault reason 0x06]", or in older kernels "[fault reason 06]" in decimal. */
static void parse_reason(const char *text, struct fault *fault)
{
	const char *reason = behind(text, "fault reason ");
	u64 number;
	bool hex;

	if (!reason)
		return;
	hex = reason[0] == '0' && reason[1] == 'x';
	fault->has_reason = number_at(fault, reason, hex ? 16 : 10, &number, 0xff);
	fault->reason = (unsigned int)number;
	fault->decimal_reason = !hex;
}

static int decode_log(const struct arguments *arguments, const char *text)
{
	struct fault fault = { 0 };

	parse_kind(text, &fault);
	parse_pasid(text, &fault);
	parse_source(text, &fault);
	parse_address(text, &fault);
	parse_reason(text, &fault);
	if (fault.no_source)
		return usage_error(arguments,
				   "no device that a kernel would log, as in [3a:00.0], stands at "
				   "'[%s'",
				   fault.no_source);
	if (fault.spoilt)
		return usage_error(arguments, "no number that a kernel would log stands at '%s'",
				   fault.spoilt);
	if (!fault.has_reason && !fault.has_source && !fault.has_address)
		return usage_error(arguments,
				   "'%s' is no hex number, nor a line in which a kernel "
				   "logs a fault",
				   text);
	print_fault(arguments->cli, &fault);
	return STATUS_HELD;
}

/* All words after WHAT as one line: shells may have taken it apart. The caller frees it. */
static char *join_words(const struct arguments *arguments)
{
	size_t len = 1, i;
	char *text, *end;

	for (i = 1; i < arguments->word_count; i++)
		len += strlen(arguments->words[i]) + 1;
	text = end = malloc(len);
	if (!text)
		return NULL;
	*end = '\0';
	for (i = 1; i < arguments->word_count; i++)
		end = stpcpy(stpcpy(end, i > 1 ? " " : ""), arguments->words[i]);
	return text;
}

/* ---- names ---- */

#define MAX_FAULT_NAMES 128

/* All names of faults and events into names, which ends with NULL. */
static void collect_names(const char **names)
{
	const struct vtd_fault_info *faults;
	size_t count, used = 0, i;
	struct smmu_event event;

	faults = vtd_faults(&count);
	for (i = 0; i < count && used < MAX_FAULT_NAMES; i++)
		names[used++] = faults[i].name;
	for (i = 0; smmu_event_row(i, &event) && used < MAX_FAULT_NAMES; i++)
		names[used++] = event.name;
	names[used] = NULL;
}

/* Tells the fault or event of that name. False: there is none. */
static bool print_named(const struct cli *cli, const char *name)
{
	const struct vtd_fault_info *faults;
	struct smmu_event event;
	size_t count, i;

	faults = vtd_faults(&count);
	for (i = 0; i < count; i++) {
		if (strcasecmp(faults[i].name, name) != 0)
			continue;
		print_reason(cli, (unsigned int)faults[i].code);
		print_qualification(cli, (unsigned int)faults[i].code);
		return true;
	}
	for (i = 0; smmu_event_row(i, &event); i++) {
		if (strcasecmp(event.name, name) != 0)
			continue;
		print_smmu_event(cli, event.code);
		return true;
	}
	return false;
}

static int unknown_name(const struct arguments *arguments, const char *name)
{
	const char *names[MAX_FAULT_NAMES + 1], *nearest;

	collect_names(names);
	nearest = nearest_word(name, names);
	if (nearest)
		return usage_error(arguments, "unknown fault '%s'; did you mean '%s'?", name,
				   nearest);
	return usage_error(arguments,
			   "'%s' is neither a hex number nor the name of a fault; 'vtdsim decode "
			   "fault --list' names all",
			   name);
}

/* One word, in which there is something that no number has. */
static bool looks_like_name(const char *text)
{
	return isalpha((unsigned char)*text) && !strchr(text, ' ') &&
	       text[strspn(text, "0123456789abcdefABCDEF_")] != '\0';
}

/* A line of a log, or a name. STATUS_GO_ON: neither. */
static int decode_words(const struct arguments *arguments, const char *text)
{
	/* names first: all of C_BAD_CD could be a number's */
	if (print_named(arguments->cli, text))
		return STATUS_HELD;
	if (is_smmu_log(text))
		return decode_smmu_log(arguments, text);
	if (is_log(text))
		return decode_log(arguments, text);
	if (looks_like_name(text))
		return unknown_name(arguments, text);
	return STATUS_GO_ON;
}

/* ---- the command ---- */

/* Old kernels log reasons in decimal. */
static int reason_too_large(const struct arguments *arguments)
{
	const char *word = arguments->words[1];
	unsigned long decimal = strtoul(word, NULL, 10);

	if (strspn(word, "0123456789") == strlen(word) && decimal <= 0xff)
		return usage_error(arguments,
				   "no fault reason is above 0xff, and '%s' is read as hex; the "
				   "decimal %lu of an old kernel's log is 0x%02lx",
				   word, decimal, decimal);
	return usage_error(arguments, "no fault reason is above 0xff; expected one, or both "
				      "quadwords of a fault record");
}

int decode_fault(const struct arguments *arguments)
{
	char *text = join_words(arguments);
	u64 value[ENTRY_QUADWORDS];
	int status;

	if (!text)
		return internal_error(arguments, "not enough memory");
	status = decode_words(arguments, text);
	free(text);
	if (status != STATUS_GO_ON)
		return status;
	status = decode_value(arguments, 128, value);
	if (status != STATUS_GO_ON)
		return status;
	if (arguments->word_count > 2 || value[1])
		return decode_record(arguments);
	if (value[0] > 0xff)
		return reason_too_large(arguments);
	print_reason(arguments->cli, (unsigned int)value[0]);
	print_qualification(arguments->cli, (unsigned int)value[0]);
	return STATUS_HELD;
}

void list_faults(const struct cli *cli)
{
	const struct vtd_fault_info *faults;
	size_t count, i;

	fprintf(cli->out, "Fault reasons of VT-d\n");
	faults = vtd_faults(&count);
	for (i = 0; i < count; i++)
		fprintf(cli->out, "  0x%02x  %s%-*s%s %s\n", (unsigned int)faults[i].code,
			tint_on(&cli->out_style, TINT_BOLD), FAULT_NAME_WIDTH, faults[i].name,
			tint_off(&cli->out_style), faults[i].text);
	fputc('\n', cli->out);
	list_smmu_events(cli);
}
