/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of commands: a call of the program into strings, and directories of small scenarios.
 */
#ifndef TESTS_SIM_CLI_CALL_H
#define TESTS_SIM_CLI_CALL_H

#include "cli/cli.h"
#include "gtest_c.h"

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_WORDS 12

/** What a call of the program gave. */
struct call {
	int status;
	char *out, *err;
};

static inline struct call call_list(const char *const *words)
{
	char *argv[MAX_WORDS + 2] = { "vtdsim" };
	struct call call = { 0 };
	size_t out_len, err_len;
	FILE *out = open_memstream(&call.out, &out_len);
	FILE *err = open_memstream(&call.err, &err_len);
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	call.status = vtdsim_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return call;
}

#define CALL(...) call_list((const char *const[]){ __VA_ARGS__, NULL })

static inline void call_free(struct call *call)
{
	free(call->out);
	free(call->err);
}

static inline void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		ADD_FAILURE("no '%s' in:\n%s", part, text);
}

static inline void expect_no_part(const char *text, const char *part)
{
	if (strstr(text, part))
		ADD_FAILURE("'%s' in:\n%s", part, text);
}

/* ---- a directory of scenarios ---- */

#define HEAD(name)                                                            \
	"scenario: " name "\n"                                                \
	"kernel: [v1, v7]\n"                                                  \
	"platform:\n"                                                         \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"        \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}}\n" \
	"steps:\n"                                                            \
	"  - vmm: {open: c}\n"

#define ATTACH                                                             \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n" \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"

#define DMA                                                                               \
	"  - vmm: {mmap: {name: m, size: 64KiB}}\n"                                       \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 64KiB, vaddr: m}}\n" \
	"  - device: {dma: {device: 0000:3a:00.0, address: 0x1000, access: write, data: 1}}\n"

#define GOOD HEAD("good") ATTACH DMA
#define FAULTING         \
	HEAD("faulting") \
	ATTACH DMA       \
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x100000}}\n    expect: fault\n"
#define FAILING         \
	HEAD("failing") \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"
#define BAD "scenario: bad\nstpes: []\n"

static inline char *make_path(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

static inline void write_file(const char *dir, const char *name, const char *text)
{
	char *path = make_path(dir, name);
	FILE *out = fopen(path, "w");

	ASSERT_TRUE(out != NULL);
	fputs(text, out);
	fclose(out);
	free(path);
}

/* A file's text, to be freed; aborts if it cannot be read. */
static inline char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t room = 1 << 20, len;
	char *text = calloc(1, room);

	if (!in || !text)
		abort();
	len = fread(text, 1, room - 1, in);
	if (len == room - 1 || ferror(in))
		abort();
	fclose(in);
	return text;
}

/* A directory with good.yaml; the caller removes it. */
static inline char *make_dir(void)
{
	char template[] = "/tmp/vtdsim-cli-XXXXXX";
	char *dir = mkdtemp(template) ? strdup(template) : NULL;

	if (!dir)
		abort();
	write_file(dir, "good.yaml", GOOD);
	return dir;
}

static inline int remove_entry(const char *path, const struct stat *status, int kind,
			       struct FTW *ftw)
{
	(void)status;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void remove_dir(char *dir)
{
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

static inline size_t count_entries(const char *dir)
{
	DIR *stream = opendir(dir);
	size_t count = 0;

	while (stream && readdir(stream))
		count++;
	closedir(stream);
	return count - 2; /* . and .. */
}

#endif
