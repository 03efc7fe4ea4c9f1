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
#define EVENT_LAST 0xffu /* EventID has 8 bits: what is above is the model's own */

/* 7.3: events that the model does not raise. */
static const struct smmu_event others[] = {
	{ 0x20, "F_TLB_CONFLICT", "More than one TLB entry stands for the address." },
	{ 0x21, "F_CFG_CONFLICT", "More than one cached configuration stands for the stream." },
	{ 0x24, "E_PAGE_REQUEST", "A hint that the page may be asked for soon." },
	{ 0x25, "F_VMS_FETCH", "Reading the virtual machine structure was aborted." },
};

bool smmu_event_row(size_t number, struct smmu_event *row)
{
	const struct smmuv3_event_info *events;
	size_t count, modelled = 0;

	events = smmuv3_events(&count);
	while (modelled < count && (unsigned int)events[modelled].code <= EVENT_LAST)
		modelled++;
	if (number < modelled)
		*row = (struct smmu_event){ (unsigned int)events[number].code, events[number].name,
					    events[number].text };
	else if (number - modelled < sizeof(others) / sizeof(others[0]))
		*row = others[number - modelled];
	else
		return false;
	return true;
}

void print_smmu_event(const struct cli *cli, unsigned int code)
{
	struct smmu_event event;
	size_t i;

	fprintf(cli->out, "SMMU event 0x%02x", code);
	for (i = 0; smmu_event_row(i, &event); i++) {
		if (event.code != code)
			continue;
		fprintf(cli->out, " %s%s%s: %s\n", tint_on(&cli->out_style, TINT_BOLD), event.name,
			tint_off(&cli->out_style), event.text);
		return;
	}
	fprintf(cli->out, ": no event known by that code\n");
}

void list_smmu_events(const struct cli *cli)
{
	struct smmu_event event;
	size_t i;

	fprintf(cli->out, "Events of SMMUv3\n");
	for (i = 0; smmu_event_row(i, &event); i++)
		fprintf(cli->out, "  0x%02x  %s%-18s%s %s\n", event.code,
			tint_on(&cli->out_style, TINT_BOLD), event.name, tint_off(&cli->out_style),
			event.text);
}

bool is_smmu_log(const char *text)
{
	return (strstr(text, EVENT_MARK) || strstr(text, "smmu")) && !strstr(text, "DMAR");
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

/*
 * "event: F_TRANSLATION client: 0000:01:00.0 sid: 0x100 ssid: 0x7 iova: 0x1000 ipa: 0x0", as newer drivers write it.
 * False: it is no such line.
 */
static bool decode_named_event(const struct cli *cli, const char *text)
{
	const char *at = strstr(text, "event: ");
	unsigned long long stream, number;
	struct smmu_event event;
	bool known = false;
	size_t len, i;

	if (!at)
		return false;
	at += strlen("event: ");
	len = strcspn(at, " ");
	for (i = 0; !known && smmu_event_row(i, &event); i++)
		known = strlen(event.name) == len && !strncmp(event.name, at, len);
	if (!known)
		return false;
	if (number_behind(text, " sid: 0x", &stream)) {
		fprintf(cli->out, "DMA of stream %s0x%llx%s", tint_on(&cli->out_style, TINT_BOLD),
			stream, tint_off(&cli->out_style));
		if (number_behind(text, " ssid: 0x", &number))
			fprintf(cli->out, " with substream 0x%llx", number);
		if (number_behind(text, " iova: 0x", &number))
			fprintf(cli->out, ", of address 0x%llx", number);
		fputc('\n', cli->out);
	}
	print_smmu_event(cli, event.code);
	return true;
}

int decode_smmu_log(const struct arguments *arguments, const char *text)
{
	unsigned long long code;

	if (decode_named_event(arguments->cli, text))
		return STATUS_HELD;
	if (!strstr(text, EVENT_MARK))
		return usage_error(arguments,
				   "'%s' names no event; the quadwords that follow one in a log "
				   "are for 'vtdsim decode smmu-event'",
				   text);
	if (!number_behind(text, EVENT_MARK, &code) || code > 0xff)
		return usage_error(arguments,
				   "no event number that a kernel would log stands at '%s'",
				   strstr(text, EVENT_MARK));
	print_transaction(arguments->cli, text);
	print_smmu_event(arguments->cli, (unsigned int)code);
	return STATUS_HELD;
}
