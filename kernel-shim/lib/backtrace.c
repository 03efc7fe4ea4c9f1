// SPDX-License-Identifier: Apache-2.0
/*
 * Where in a plug-in the kernel is: the addresses on the stack, and the functions and lines of the tree's file
 * that they stand for. Frames of the program itself are left out.
 */
#include "state.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#define PLACES_MAX 24 /* in the text of an oops */

bool plugin_holds(const struct kernel *k, unsigned long pc)
{
	return pc >= k->plugin.start && pc < k->plugin.end;
}

static void add_frame(struct kernel *k, unsigned long pc)
{
	struct trap *trap = &k->trap;

	if (plugin_holds(k, pc) && trap->frame_count < ARRAY_SIZE(trap->frames))
		trap->frames[trap->frame_count++] = pc;
}

static _Unwind_Reason_Code on_frame(struct _Unwind_Context *context, void *arg)
{
	struct kernel *k = arg;
	int before = 0;
	unsigned long pc = _Unwind_GetIPInfo(context, &before);

	/* a return address is behind its call */
	add_frame(k, before ? pc : pc - 1);
	return k->trap.frame_count < ARRAY_SIZE(k->trap.frames) ? _URC_NO_REASON
								: _URC_END_OF_STACK;
}

void backtrace_take(struct kernel *k)
{
	k->trap.frame_count = 0;
	_Unwind_Backtrace(on_frame, k);
}

void backtrace_take_caller(struct kernel *k, unsigned long return_address)
{
	if (!k->trap.frame_count)
		add_frame(k, return_address - 1);
}

/* ---- names ---- */

static Dwfl *open_symbols(const struct kernel *k)
{
	static const Dwfl_Callbacks callbacks = {
		.section_address = dwfl_offline_section_address,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);
	int fd = dwfl ? dup(k->plugin.fd) : -1;

	if (fd < 0 ||
	    !dwfl_report_elf(dwfl, "plug-in", k->config.plugin, fd, k->plugin.base, true)) {
		if (fd >= 0)
			close(fd);
		dwfl_end(dwfl);
		return NULL;
	}
	dwfl_report_end(dwfl, NULL, NULL);
	return dwfl;
}

/* A line of a function, which may be inlined into the next one. */
struct place {
	const char *function; /* or NULL */
	const char *file; /* or NULL */
	int line;
};

struct places {
	struct place items[PLACES_MAX]; /* innermost first */
	size_t count;
};

static struct place place_of(Dwfl_Module *module, unsigned long pc)
{
	Dwfl_Line *line = dwfl_module_getsrc(module, pc);
	struct place place = { .function = dwfl_module_addrname(module, pc) };

	if (line)
		place.file = dwfl_lineinfo(line, NULL, &place.line, NULL, NULL, NULL);
	return place;
}

/* Where an inlined function was called. */
static struct place call_of(Dwarf_Die *unit, Dwarf_Die *inlined)
{
	struct place place = { 0 };
	Dwarf_Word file = 0, line = 0;
	Dwarf_Attribute attribute;
	Dwarf_Files *files;

	dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file);
	dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line);
	if (dwarf_getsrcfiles(unit, &files, NULL) == 0)
		place.file = dwarf_filesrc(files, file, NULL, NULL);
	place.line = (int)line;
	return place;
}

static void add_place(struct places *places, const struct place *place)
{
	if (place->file && places->count < PLACES_MAX)
		places->items[places->count++] = *place;
}

/* Frames without a line are left out: the linker made them. */
static void add_places(struct places *places, Dwfl *dwfl, unsigned long pc)
{
	Dwfl_Module *module = dwfl ? dwfl_addrmodule(dwfl, pc) : NULL;
	Dwarf_Die *unit, *scopes = NULL;
	struct place place, inlined;
	Dwarf_Addr bias = 0;
	int i, count;

	if (!module)
		return;
	place = place_of(module, pc);
	unit = dwfl_module_addrdie(module, pc, &bias);
	count = unit ? dwarf_getscopes(unit, pc - bias, &scopes) : 0;
	for (i = 0; i < count; i++) {
		const char *function = place.function;

		if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine)
			continue;
		inlined = place;
		inlined.function = dwarf_diename(&scopes[i]);
		add_place(places, &inlined);
		place = call_of(unit, &scopes[i]);
		place.function = function;
	}
	free(scopes);
	add_place(places, &place);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "file:line: ", whole path, of the innermost function that is not of a header. */
static void print_site(const struct kernel *k, const struct places *places, FILE *out)
{
	size_t i = 0;

	while (i < places->count && strstr(places->items[i].file, "/include/"))
		i++;
	if (i < places->count)
		fprintf(out, "%s:%d: ", places->items[i].file, places->items[i].line);
	else
		fprintf(out, "%s: ", k->config.plugin);
}

static void print_places(const struct places *places, FILE *out)
{
	size_t i;

	for (i = 0; i < places->count; i++) {
		const struct place *place = &places->items[i];

		fprintf(out, "%s %s() at %s:%d", i ? ", from" : "; in",
			place->function ? place->function : "?", base_name(place->file),
			place->line);
	}
}

void backtrace_tell(const struct kernel *k, const char *what, struct backtrace_text *text)
{
	FILE *out = fmemopen(text->text, sizeof(text->text), "w");
	struct places places = { .count = 0 };
	unsigned int i;
	Dwfl *dwfl;

	text->text[0] = '\0';
	if (!out)
		return;
	dwfl = k->trap.frame_count ? open_symbols(k) : NULL;
	for (i = 0; i < k->trap.frame_count; i++)
		add_places(&places, dwfl, k->trap.frames[i]);
	if (what) {
		print_site(k, &places, out);
		fputs(what, out);
	}
	print_places(&places, out);
	fclose(out);
	if (dwfl)
		dwfl_end(dwfl);
	text->text[sizeof(text->text) - 1] = '\0';
}
