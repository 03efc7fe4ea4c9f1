/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the actors own while a scenario runs: processes, mappings, open files, guest memory.
 */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *xgrow(void *array, size_t count, size_t size)
{
	void *grown;

	/* grow to the next power of two whenever count has reached one */
	if (count & (count - 1))
		return array;
	grown = realloc(array, (count ? count * 2 : 1) * size);
	if (!grown) {
		fputs("vtdsim: out of memory\n", stderr);
		abort();
	}
	return grown;
}

char *xstrdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		fputs("vtdsim: out of memory\n", stderr);
		abort();
	}
	return copy;
}

struct process *run_process(struct run *run, const char *name)
{
	struct kernel_mmap scratch = { .size = SCRATCH_SIZE, .page_size = 4096 };
	struct process *process;
	long address;

	for (size_t i = 0; i < run->process_count; i++) {
		if (strcmp(run->processes[i]->name, name) == 0)
			return run->processes[i];
	}
	process = xgrow(NULL, 0, sizeof(*process));
	process->name = xstrdup(name);
	process->task = kernel_task_start(run->kernel, name);
	address = process->task ? kernel_mmap(process->task, &scratch) : -1;
	process->scratch = address > 0 ? (u64)address : 0;
	run->processes = xgrow(run->processes, run->process_count, sizeof(*run->processes));
	run->processes[run->process_count++] = process;
	return process;
}

struct opened *run_opened(struct run *run, const char *name, struct step_out *out)
{
	for (size_t i = run->opened_count; i-- > 0;) {
		if (strcmp(run->opened[i]->name, name) == 0)
			return run->opened[i];
	}
	if (out)
		step_fail(
			out,
			"'%s' was not opened; expected a container, group or device opened by an earlier step",
			name);
	return NULL;
}

struct opened *run_add_opened(struct run *run, const char *name, enum opened_kind kind,
			      struct process *process, int fd)
{
	struct opened *opened = xgrow(NULL, 0, sizeof(*opened));

	*opened = (struct opened){
		.name = xstrdup(name),
		.kind = kind,
		.process = process,
		.fd = fd,
		.group = -1,
	};
	run->opened = xgrow(run->opened, run->opened_count, sizeof(*run->opened));
	run->opened[run->opened_count++] = opened;
	return opened;
}

struct region *run_region(struct run *run, const char *name)
{
	for (size_t i = 0; i < run->region_count; i++) {
		if (strcmp(run->regions[i].name, name) == 0)
			return &run->regions[i];
	}
	return NULL;
}

bool run_user_address(struct run *run, const struct arg *arg, u64 *address, struct step_out *out)
{
	size_t len = strcspn(arg->text, "+");
	u64 offset = 0;
	struct region *region;
	char name[128];

	if (arg->reference) {
		*address = arg->number;
		return true;
	}
	if (parse_u64(arg->text, true, address))
		return true;
	snprintf(name, sizeof(name), "%.*s", (int)len, arg->text);
	region = run_region(run, name);
	if (!region || (arg->text[len] == '+' && !parse_u64(arg->text + len + 1, true, &offset))) {
		step_fail(
			out,
			"'%s' is no user address; expected a number, or NAME or NAME+OFFSET of a mmap",
			arg->text);
		return false;
	}
	*address = region->address + offset;
	return true;
}

struct region *run_guest_region(struct run *run, u64 gpa, size_t len)
{
	for (size_t i = 0; i < run->region_count; i++) {
		struct region *r = &run->regions[i];

		if (r->has_gpa && gpa - r->gpa < r->size && len <= r->size - (gpa - r->gpa))
			return r;
	}
	return NULL;
}

bool run_guest_read(struct run *run, u64 gpa, void *buf, size_t len)
{
	struct region *r = run_guest_region(run, gpa, len);

	return r && kernel_user_read(r->process->task, r->address + (gpa - r->gpa), buf, len) == 0;
}

bool run_guest_write(struct run *run, u64 gpa, const void *buf, size_t len)
{
	struct region *r = run_guest_region(run, gpa, len);

	return r && kernel_user_write(r->process->task, r->address + (gpa - r->gpa), buf, len) == 0;
}

int run_device_group(struct run *run, size_t device)
{
	return run->platform->devices[device].group;
}

struct opened *run_device_container(struct run *run, size_t device)
{
	int group = run_device_group(run, device);

	for (size_t i = 0; i < run->opened_count; i++) {
		struct opened *o = run->opened[i];

		if (o->kind == OPENED_GROUP && o->fd >= 0 && o->group == group && o->container &&
		    o->container->iommu_set)
			return o->container;
	}
	return NULL;
}

void run_belongings_clear(struct run *run)
{
	guest_smmu_clear(run);
	run_viommus_clear(run);
	for (size_t i = 0; i < run->opened_count; i++) {
		free(run->opened[i]->name);
		free(run->opened[i]->mappings);
		free(run->opened[i]->bindings);
		free(run->opened[i]);
	}
	for (size_t i = 0; i < run->process_count; i++) {
		if (run->processes[i]->task)
			kernel_task_exit(run->processes[i]->task);
		free(run->processes[i]->name);
		free(run->processes[i]);
	}
	for (size_t i = 0; i < run->region_count; i++)
		free(run->regions[i].name);
	for (size_t i = 0; i < run->table_count; i++)
		free(run->tables[i].name);
	free(run->opened);
	free(run->processes);
	free(run->regions);
	free(run->tables);
}
