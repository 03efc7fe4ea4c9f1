// SPDX-License-Identifier: Apache-2.0
/* A kernel on memory and nothing else; see the header. */
#include "kernel_fixture.h"

#include "lib/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static u64 mmio_read(void *ctx, u64 address, unsigned int size)
{
	const struct kernel_fixture *f = ctx;
	u64 offset = address - FIXTURE_REGISTERS;
	u64 value = 0;

	if (offset > sizeof(f->registers) - size)
		return ~0ULL;
	memcpy(&value, (const u8 *)f->registers + offset, size);
	return value;
}

static void mmio_write(void *ctx, u64 address, unsigned int size, u64 value)
{
	struct kernel_fixture *f = ctx;
	u64 offset = address - FIXTURE_REGISTERS;

	if (offset <= sizeof(f->registers) - size)
		memcpy((u8 *)f->registers + offset, &value, size);
	if (f->on_register_write)
		f->on_register_write(f);
}

static u32 config_read(void *ctx, u16 segment, u16 source_id, unsigned int offset,
		       unsigned int size)
{
	struct kernel_fixture *f = ctx;
	u32 value = 0;

	(void)segment;
	f->last_source_id = source_id;
	memcpy(&value, f->pci_config + offset, size);
	return value;
}

static void config_write(void *ctx, u16 segment, u16 source_id, unsigned int offset,
			 unsigned int size, u32 value)
{
	struct kernel_fixture *f = ctx;

	(void)segment;
	f->last_source_id = source_id;
	memcpy(f->pci_config + offset, &value, size);
}

static void relax(void *ctx)
{
	struct kernel_fixture *f = ctx;

	f->relaxed++;
	if (f->on_relax)
		f->on_relax(f);
}

static void keep_line(void *ctx, int level, const char *line)
{
	struct kernel_fixture *f = ctx;
	size_t used = strlen(f->log);

	snprintf(f->log + used, sizeof(f->log) - used, "<%d>%s\n", level, line);
}

void kernel_fixture_prepare(struct kernel_fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->memory = memory_create(46);
	f->config = (struct kernel_config){
		.variant = "mainline",
		.memory = f->memory,
		.ram_base = FIXTURE_RAM_BASE,
		.ram_size = FIXTURE_RAM_SIZE,
		.hardware = {
			.mmio_read = mmio_read,
			.mmio_write = mmio_write,
			.config_read = config_read,
			.config_write = config_write,
			.relax = relax,
			.log = keep_line,
			.ctx = f,
		},
	};
}

void kernel_fixture_boot(struct kernel_fixture *f)
{
	char *error;

	f->kernel = kernel_boot(&f->config, &error);
	if (!f->kernel)
		ADD_FAILURE("kernel_boot: %s", error ? error : "no text");
	free(error);
}

void kernel_fixture_start(struct kernel_fixture *f)
{
	kernel_fixture_prepare(f);
	kernel_fixture_boot(f);
}

struct kernel_usage kernel_fixture_usage(struct kernel_fixture *f)
{
	struct kernel_usage usage;

	kernel_usage(f->kernel, &usage);
	return usage;
}

void kernel_fixture_stop(struct kernel_fixture *f)
{
	if (f->kernel && !kernel_oops(f->kernel)) {
		struct kernel_usage usage;

		while (!list_empty(&f->kernel->tasks))
			kernel_task_exit(list_first_entry(&f->kernel->tasks, struct task, list));
		usage = kernel_fixture_usage(f);
		EXPECT_EQ(usage.pinned_pages, 0);
		EXPECT_EQ(usage.locked_pages, 0);
		EXPECT_EQ(usage.slab_objects, 0);
		EXPECT_EQ(usage.open_files, 0);
	}
	kernel_shutdown(f->kernel);
	memory_destroy(f->memory);
}

bool kernel_fixture_logged(const struct kernel_fixture *f, const char *text)
{
	return strstr(f->log, text);
}

long kernel_fixture_run(struct kernel_fixture *f, long (*fn)(void *arg), void *arg)
{
	return kernel_run(f->kernel, NULL, fn, arg);
}

long kernel_fixture_run_as(struct task *task, long (*fn)(void *arg), void *arg)
{
	return kernel_run(task->kernel, &task->ts, fn, arg);
}
