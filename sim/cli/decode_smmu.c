/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim decode fault, where the fault is an event of an SMMUv3: its code, its name, and the line in
 * which vtdsim's kernels, or Linux's driver, log it. Event records are a format as others are.
 */
#include "decode.h"

#include "smmuv3/smmuv3.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_MARK "event 0x"

void print_smmu_event(const struct cli *cli, unsigned int code)
{
	const struct smmuv3_event_info *info = smmuv3_event_info(code);

	fprintf(cli->out, "SMMU event 0x%02x", code);
	if (info)
		fprintf(cli->out, " %s%s%s: %s\n", tint_on(&cli->out_style, TINT_BOLD), info->name,
			tint_off(&cli->out_style), info->text);
	else
		fprintf(cli->out, ": no event known by that code\n");
}

void list_smmu_events(const struct cli *cli)
{
	const struct smmuv3_event_info *events;
	size_t count, i;

	fprintf(cli->out, "Events of SMMUv3\n");
	events = smmuv3_events(&count);
	for (i = 0; i < count; i++)
		fprintf(cli->out, "  0x%02x%s  %s%-18s%s %s\n", (unsigned int)events[i].code,
			(unsigned int)events[i].code < 0x100 ? " " : "",
			tint_on(&cli->out_style, TINT_BOLD), events[i].name,
			tint_off(&cli->out_style), events[i].text);
}

bool is_smmu_log(const char *text)
{
	return strstr(text, EVENT_MARK) && !strstr(text, "DMAR");
}

/* The hex number behind a word of the line. */
static bool number_behind(const char *text, const char *word, unsigned long long *out)
{
	const char *at = strstr(text, word);
	char *end;

	if (!at || !isxdigit((unsigned char)at[strlen(word)]))
		return false;
	*out = strtoull(at + strlen(word), &end, 16);
	return !isalnum((unsigned char)*end);
}

/* Prints "DMA of stream 0x100 with substream 0x7 writing 0x1000 in stage 1", as far as the line tells. */
static void print_transaction(const struct cli *cli, const char *text)
{
	unsigned long long stream, number;

	if (!number_behind(text, " stream 0x", &stream))
		return;
	fprintf(cli->out, "DMA of stream %s0x%llx%s", tint_on(&cli->out_style, TINT_BOLD), stream,
		tint_off(&cli->out_style));
	if (number_behind(text, " substream 0x", &number))
		fprintf(cli->out, " with substream 0x%llx", number);
	if (number_behind(text, " address 0x", &number))
		fprintf(cli->out, ", of address 0x%llx", number);
	if (number_behind(text, " reading 0x", &number))
		fprintf(cli->out, ", reading 0x%llx", number);
	if (number_behind(text, " writing 0x", &number))
		fprintf(cli->out, ", writing 0x%llx", number);
	if (number_behind(text, " stage ", &number))
		fprintf(cli->out, ", in stage %llu", number);
	fputc('\n', cli->out);
}

int decode_smmu_log(const struct arguments *arguments, const char *text)
{
	unsigned long long code;

	if (!number_behind(text, EVENT_MARK, &code) || code > 0xff)
		return usage_error(arguments,
				   "no event number that a kernel would log stands at '%s'",
				   strstr(text, EVENT_MARK));
	print_transaction(arguments->cli, text);
	print_smmu_event(arguments->cli, (unsigned int)code);
	return STATUS_HELD;
}
