/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMM's virtual unit: made of the nesting info that the VMM holds, and what it does for it: guest memory, and the
 * container's ioctls. What an ioctl refuses, the guest is not told of, as in QEMU: that is judged here.
 */
#include "viommu.h"

#include "vmm.h"

#include <linux/vfio.h>

#include "include/uapi/linux/vfio_nesting.h"
#include "vtd/vtd-format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding ---- */

struct virtual_iommu *run_viommu(struct run *run, const char *name, struct step_out *out)
{
	for (size_t i = run->viommu_count; i-- > 0;) {
		if (strcmp(run->viommus[i]->name, name) == 0)
			return run->viommus[i];
	}
	step_fail(out, "there is no virtual unit '%s'; expected one made by `vmm: {viommu: ...}`",
		  name);
	return NULL;
}

struct virtual_iommu *run_container_viommu(struct run *run, const struct opened *container)
{
	for (size_t i = run->viommu_count; i-- > 0;) {
		if (run->viommus[i]->container == container && run->viommus[i]->unit)
			return run->viommus[i];
	}
	return NULL;
}

void run_viommus_clear(struct run *run)
{
	for (size_t i = 0; i < run->viommu_count; i++) {
		viommu_destroy(run->viommus[i]->unit);
		free(run->viommus[i]->driver.unanswered);
		free(run->viommus[i]->name);
		free(run->viommus[i]);
	}
	free(run->viommus);
}

/* ---- what was asked of the host ---- */

const char *const viommu_call_results[] = {
	"ok",     "EINVAL", "EBUSY", "ENODEV", "ENOTTY", "EFAULT", "ENOSPC",    "EOPNOTSUPP",
	"ERANGE", "EPERM",  "EBADF", "ENOENT", "ENOMEM", "EACCES", "ETIMEDOUT", NULL,
};

void viommu_step_begin(struct virtual_iommu *v, struct step_out *out)
{
	v->calls = (struct host_calls){ 0 };
	v->out = out;
}

static void call_to_json(json_t *result, const char *name, unsigned int count, long value)
{
	if (count)
		json_object_set_new(result, name, json_string(value ? errno_name(value) : "ok"));
}

void viommu_calls_to_json(const struct virtual_iommu *v, json_t *result)
{
	const struct host_calls *calls = &v->calls;

	json_object_set_new(result, "binds", json_integer(calls->binds));
	json_object_set_new(result, "unbinds", json_integer(calls->unbinds));
	json_object_set_new(result, "cache_invalidations", json_integer(calls->invalidations));
	call_to_json(result, "bind", calls->binds, calls->bind);
	call_to_json(result, "unbind", calls->unbinds, calls->unbind);
	call_to_json(result, "cache_invalidate", calls->invalidations, calls->invalidate);
	json_object_set_new(result, "interrupts", json_integer(calls->interrupts));
	if (calls->page_requests)
		json_object_set_new(result, "page_requests", json_integer(calls->page_requests));
	call_to_json(result, "page_response", calls->page_responses, calls->page_response);
}

/* Notes what a call said; what it refused, the guest takes for done. */
static long note_call(struct virtual_iommu *v, const char *what, u64 pasid, long value)
{
	if (value != 0)
		run_outcome(v->run, OUTCOME_MISLED,
			    "%s of PASID %llu gave %s, which the guest of %s is not told", what,
			    pasid, errno_name(value), v->name);
	return value;
}

static long host_bind(void *ctx, const struct nesting_bind *bind)
{
	struct virtual_iommu *v = ctx;
	long value = vmm_bind(v->run, v->container, bind, true);

	v->calls.binds++;
	v->calls.bind = value ? value : v->calls.bind;
	return note_call(v, "bind", bind->hpasid, value);
}

static long host_unbind(void *ctx, const struct nesting_bind *bind)
{
	struct virtual_iommu *v = ctx;
	long value = vmm_bind(v->run, v->container, bind, false);

	v->calls.unbinds++;
	v->calls.unbind = value ? value : v->calls.unbind;
	return note_call(v, "unbind", bind->hpasid, value);
}

static long host_invalidate(void *ctx, const struct nesting_invalidation *invalidation)
{
	struct virtual_iommu *v = ctx;
	long value = vmm_invalidate(v->run, v->container, invalidation);

	v->calls.invalidations++;
	v->calls.invalidate = value ? value : v->calls.invalidate;
	return note_call(v, "cache invalidation", invalidation->pasid, value);
}

static long host_alloc_pasid(void *ctx, u32 min, u32 max)
{
	struct virtual_iommu *v = ctx;
	const struct nesting_pasid_request request = {
		.argsz = NESTING_ARGSZ,
		.flags = VFIO_IOMMU_PASID_ALLOC,
		.min = min,
		.max = max,
	};

	return vmm_pasid_request(v->run, v->container, &request);
}

static long host_free_pasid(void *ctx, u32 pasid)
{
	struct virtual_iommu *v = ctx;
	const struct nesting_pasid_request request = {
		.argsz = NESTING_ARGSZ,
		.flags = VFIO_IOMMU_PASID_FREE,
		.min = pasid,
		.max = pasid,
		.pasid = pasid,
	};

	return vmm_pasid_request(v->run, v->container, &request);
}

/* ---- the guest's machine ---- */

static bool guest_read(void *ctx, u64 gpa, void *buf, size_t len)
{
	struct virtual_iommu *v = ctx;

	return run_guest_read(v->run, gpa, buf, len);
}

static bool guest_write(void *ctx, u64 gpa, const void *buf, size_t len)
{
	struct virtual_iommu *v = ctx;

	return run_guest_write(v->run, gpa, buf, len);
}

static void guest_interrupt(void *ctx, u64 address, u32 data)
{
	struct virtual_iommu *v = ctx;

	(void)address;
	(void)data;
	v->calls.interrupts++;
}

/* A device has the same address in the guest as on the host, but for its segment. */
static bool guest_device(void *ctx, size_t index, u16 *source_id)
{
	struct virtual_iommu *v = ctx;
	const struct platform *p = v->run->platform;

	for (size_t i = 0; i < p->device_count; i++) {
		if (run_device_container(v->run, i) != v->container || index--)
			continue;
		*source_id = p->devices[i].function.source_id;
		return true;
	}
	return false;
}

static bool guest_work(void *ctx, u64 amount)
{
	struct virtual_iommu *v = ctx;

	return !v->out->failed && run_work(v->run, amount, v->out);
}

static const struct viommu_ops viommu_ops = {
	.read = guest_read,
	.write = guest_write,
	.interrupt = guest_interrupt,
	.device = guest_device,
	.bind = host_bind,
	.unbind = host_unbind,
	.invalidate = host_invalidate,
	.alloc_pasid = host_alloc_pasid,
	.free_pasid = host_free_pasid,
	.page_response = viommu_page_response,
	.work = guest_work,
};

/* ---- viommu ---- */

static struct viommu_info held(const struct opened *c)
{
	return (struct viommu_info){
		.nesting = c->info.held && c->info.format == IOMMU_PASID_FORMAT_INTEL_VTD,
		.has_registers = c->info.has_registers,
		.cap = c->info.cap,
		.ecap = c->info.ecap,
		.addr_width = c->info.addr_width,
		.pasid_bits = c->info.pasid_bits,
	};
}

static json_t *unit_to_json(const struct virtual_iommu *v, bool nesting)
{
	json_t *result = entry_to_json(vtd_format("cap"), &v->cap);
	json_t *ecap = entry_to_json(vtd_format("ecap"), &v->ecap);

	json_object_update(result, ecap);
	json_decref(ecap);
	json_object_set_new(result, "nesting", json_boolean(nesting));
	return result;
}

static struct virtual_iommu *add_viommu(struct run *run, const char *name, struct opened *c)
{
	struct virtual_iommu *v = xgrow(NULL, 0, sizeof(*v));

	*v = (struct virtual_iommu){ .name = xstrdup(name), .run = run, .container = c };
	run->viommus = xgrow(run->viommus, run->viommu_count, sizeof(*run->viommus));
	run->viommus[run->viommu_count++] = v;
	return v;
}

static void run_make_viommu(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	struct viommu_info info;
	struct virtual_iommu *v;

	if (!c)
		return;
	info = held(c);
	v = add_viommu(run, step_text(step, "name", ""), c);
	viommu_derive(&info, &v->cap, &v->ecap);
	if (!entry_set_fields(vtd_format("cap"), step_arg(step, "cap"), &v->cap, out) ||
	    !entry_set_fields(vtd_format("ecap"), step_arg(step, "ecap"), &v->ecap, out))
		return;
	if (viommu_unkept(&info, v->cap, v->ecap)) {
		out->value = -EINVAL; /* QEMU ends, or lets nobody plug the device in */
		return;
	}
	v->unit = viommu_create(v->cap, v->ecap, &viommu_ops, v);
	if (!v->unit) {
		step_fail(out, "no unit can have CAP 0x%llx and ECAP 0x%llx", v->cap, v->ecap);
		return;
	}
	out->result = unit_to_json(v, info.nesting);
}

static const char *const *viommu_formats(const struct step *step)
{
	static const char *const formats[] = { "cap", "ecap", NULL };

	(void)step;
	return formats;
}

static const struct arg_def viommu_args[] = {
	{ "name", ARG_MAKES_VIOMMU, true, NULL, "a name for the virtual unit" },
	{ "container", ARG_FILE, true, NULL,
	  "the container whose nesting info, as the VMM holds it now, the unit is made of" },
	{ "cap", ARG_FIELDS, false, NULL, "fields of CAP that the VMM is told to offer" },
	{ "ecap", ARG_FIELDS, false, NULL, "fields of ECAP that the VMM is told to offer" },
	{ .name = NULL },
};
static const struct field_def viommu_fields[] = {
	{ "nesting", FIELD_BOOL, NULL },
	{ .name = NULL },
};
const struct op op_viommu = {
	"viommu",
	"Makes a virtual VT-d unit for the guest, once: CAP and ECAP stay as they are.",
	viommu_args,
	NULL,
	run_make_viommu,
	viommu_fields,
	viommu_formats
};

/* ---- unplug ---- */

static void run_viommu_unplug(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = run_viommu(run, step_text(step, "viommu", ""), out);
	size_t device = step_number(step, "device", 0);

	if (!v)
		return;
	if (!v->unit) {
		out->value = -ENODEV;
		return;
	}
	viommu_step_begin(v, out);
	viommu_unplug(v->unit, run->platform->devices[device].function.source_id);
	out->result = json_object();
	viommu_calls_to_json(v, out->result);
}

static const struct arg_def unplug_args[] = {
	{ "viommu", ARG_VIOMMU, true, NULL, "the virtual unit's name" },
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ .name = NULL },
};
static const struct field_def unplug_fields[] = {
	VIOMMU_CALL_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_unplug = {
	"viommu-unplug",
	"Takes a device from the guest: what is bound for it is unbound.",
	unplug_args,
	NULL,
	run_viommu_unplug,
	unplug_fields,
	NULL
};
