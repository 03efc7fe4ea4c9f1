// SPDX-License-Identifier: Apache-2.0
/* A difference as a scenario in YAML, for `vtdsim run` and for whoever looks into it. */
#include "intel_rig.h"
#include "lockstep.h"

#include <string.h>

/* What a file of the calls is in the scenario. */
struct file_name {
	char text[16]; /* empty: nothing is open there */
};

struct storyteller {
	FILE *out;
	struct file_name files[CALL_FILES];
};

static void print_unit(FILE *out, size_t i, enum vm_unit unit)
{
	static const struct {
		u64 cap, ecap;
	} registers[] = {
		[VM_VTD_SCALABLE] = { CAP_SERVER, ECAP_SERVER },
		[VM_VTD_LEGACY] = { CAP_HASWELL, ECAP_HASWELL },
		[VM_VTD_NARROW] = { CAP_HASWELL_GRAPHICS, ECAP_HASWELL_GRAPHICS },
	};

	if (unit == VM_SMMU)
		fprintf(out, "    unit%zu: {model: smmuv3}\n", i);
	else
		fprintf(out, "    unit%zu: {model: vt-d, cap: 0x%llx, ecap: 0x%llx}\n", i,
			registers[unit].cap, registers[unit].ecap);
}

static void print_platform(FILE *out, const struct vm_config *machine)
{
	fprintf(out, "platform:\n");
	if (machine->parameters[0])
		fprintf(out, "  kernel-parameters:\n");
	for (size_t i = 0; machine->parameters[i]; i++)
		fprintf(out, "    %.*s: %s\n", (int)strcspn(machine->parameters[i], "="),
			machine->parameters[i], strchr(machine->parameters[i], '=') + 1);
	fprintf(out, "  iommus:\n");
	for (size_t i = 0; i < machine->unit_count; i++)
		print_unit(out, i, machine->units[i]);
	fprintf(out, "  devices:\n");
	for (size_t i = 0; i < machine->device_count; i++)
		fprintf(out, "    0000:0%zu:00.0: {iommu: unit%u, group: %d%s}\n", i + 1,
			machine->devices[i].unit, machine->devices[i].group,
			machine->devices[i].host_driver ? ", driver: host" : "");
}

static void print_memory(FILE *out)
{
	static const struct {
		const char *name, *size, *more;
		u64 address;
	} places[] = {
		{ "small", "256KiB", "", PLACE_SMALL },
		{ "huge", "4MiB", ", page-size: 2MiB", PLACE_HUGE },
		{ "read-only", "32KiB", ", read-only: true", PLACE_READ_ONLY },
		{ "hole0", "4KiB", "", PLACE_HOLES },
		{ "hole2", "8KiB", "", PLACE_HOLES + 2 * VM_PAGE },
		{ "hole5", "12KiB", "", PLACE_HOLES + 5 * VM_PAGE },
		{ "bits", "16KiB", "", PLACE_BITS },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		fprintf(out, "  - vmm: {mmap: {name: %s, size: %s, address: 0x%llx%s}}\n",
			places[i].name, places[i].size, places[i].address, places[i].more);
}

static bool is_open(const struct storyteller *teller, const char *name)
{
	for (size_t i = 0; i < CALL_FILES; i++)
		if (!strcmp(teller->files[i].text, name))
			return true;
	return false;
}

static bool tell_open(struct storyteller *teller, const struct call *call)
{
	struct file_name name, *file = &teller->files[call->file];

	if (call->kind == CALL_OPEN_GROUP)
		snprintf(name.text, sizeof(name.text), "%llu", call->number);
	else
		snprintf(name.text, sizeof(name.text), "c%u", call->file);
	if (*file->text)
		fprintf(teller->out, "  - vmm: {close: %s}\n", file->text);
	*file->text = 0;
	if (!is_open(teller, name.text))
		*file = name;
	fprintf(teller->out, "  - vmm: {open: %s}\n", name.text);
	return true;
}

static bool tell_ioctl(const struct storyteller *teller, const struct call *call)
{
	const char *file = teller->files[call->file].text;
	u32 words[CALL_ROOM / 4];

	if (!*file || call->at_edge || call->len % 4)
		return false;
	fprintf(teller->out, "  - vmm: {ioctl: {file: %s, number: 0x%x, ", file, call->command);
	if (call->kind == CALL_IOCTL) {
		fprintf(teller->out, "arg: %llu}}\n", call->number);
		return true;
	}
	memcpy(words, call->data, sizeof(words));
	fprintf(teller->out, "words: [");
	for (unsigned int i = 0; i < call->len / 4; i++)
		fprintf(teller->out, "%s0x%x", i ? ", " : "", words[i]);
	fprintf(teller->out, "]}}\n");
	return true;
}

static bool tell_set_container(const struct storyteller *teller, const struct call *call)
{
	const char *group = teller->files[call->file].text;
	const char *container = teller->files[call->other].text;

	if (!*group || *group == 'c' || *container != 'c')
		return false;
	fprintf(teller->out, "  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: %s, container: %s}}\n",
		group, container);
	return true;
}

/* False, with nothing written, if no scenario can say it. */
static bool tell(struct storyteller *teller, const struct call *call)
{
	switch (call->kind) {
	case CALL_OPEN_CONTAINER:
	case CALL_OPEN_GROUP:
		return tell_open(teller, call);
	case CALL_SET_CONTAINER:
		return tell_set_container(teller, call);
	case CALL_IOCTL:
	case CALL_IOCTL_DATA:
		return tell_ioctl(teller, call);
	case CALL_LIMIT:
		fprintf(teller->out, "  - vmm: {setrlimit: {memlock: 0x%llx, privileged: %s}}\n",
			call->number, call->flag ? "true" : "false");
		return true;
	case CALL_DMA:
		fprintf(teller->out,
			"  - device: {dma: {device: 0000:0%u:00.0, access: %s, "
			"address: 0x%llx, size: 8}}\n",
			call->other + 1, call->flag ? "write" : "read", call->number);
		return true;
	case CALL_DEVICE_FD:
	case CALL_FILL:
	case CALL_SWEEP:
		break;
	}
	return false;
}

static void tell_difference(FILE *out, const struct difference *difference)
{
	static const char result[] = "result";

	fprintf(out, "    # here the %s differs", difference->what);
	if (difference->offset)
		fprintf(out, " at byte %zu", difference->offset);
	fprintf(out, ": %lld, and by the plug-in %lld\n", difference->results[0],
		difference->results[1]);
	if (strcmp(difference->what, result) != 0)
		fprintf(out, "    expect: any\n");
	else if (difference->results[0] < 0)
		fprintf(out, "    expect: {mainline: %s, default: any}\n",
			strerrorname_np((int)-difference->results[0]));
	else
		fprintf(out, "    expect: {mainline: %lld, default: any}\n",
			difference->results[0]);
}

void story_print(FILE *out, const struct story *story)
{
	struct storyteller teller = { .out = out };

	fprintf(out, "scenario: a difference\nkernel: mainline\n");
	print_platform(out, story->machine);
	fprintf(out, "steps:\n");
	print_memory(out);
	for (size_t i = 0; i < story->count; i++) {
		if (!tell(&teller, &story->calls[i]))
			fprintf(out, "  # call %zu of kind %d on file %u cannot be said here\n", i,
				(int)story->calls[i].kind, story->calls[i].file);
		else if (i + 1 == story->count)
			tell_difference(out, &story->difference);
		else
			fprintf(out, "    expect: any\n");
	}
}
