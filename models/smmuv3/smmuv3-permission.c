// SPDX-License-Identifier: Apache-2.0
/*
 * What a mapping permits: stage-1 data and execute permissions by privilege, and those of stage 2.
 */
#include "smmuv3-internal.h"

/* AP[2:1] */
#define AP_UNPRIVILEGED 1
#define AP_READ_ONLY 2

static unsigned int privileged_rights(const struct smmuv3_context *context,
				      const struct smmuv3_mapping *mapping)
{
	bool user = mapping->permissions & AP_UNPRIVILEGED;
	bool writable = !(mapping->permissions & AP_READ_ONLY);
	unsigned int rights = 0;

	/* CD.PAN: data access only */
	if (!(context->privileged_access_never && user))
		rights |= ACCESS_READ | (writable ? ACCESS_WRITE : 0);
	/* what is writable unprivileged is never executed privileged */
	if (!mapping->privileged_execute_never && !(user && writable) &&
	    !(context->write_execute_never && writable))
		rights |= ACCESS_EXECUTE;
	return rights;
}

static unsigned int unprivileged_rights(const struct smmuv3_context *context,
					const struct smmuv3_mapping *mapping)
{
	bool user = mapping->permissions & AP_UNPRIVILEGED;
	bool writable = user && !(mapping->permissions & AP_READ_ONLY);
	unsigned int rights = 0;

	if (user)
		rights |= ACCESS_READ | (writable ? ACCESS_WRITE : 0);
	if (!mapping->unprivileged_execute_never && !(context->write_execute_never && writable))
		rights |= ACCESS_EXECUTE;
	return rights;
}

/* A-profile architecture, VMSAv8-64 data access and instruction execution permissions */
unsigned int smmuv3_stage1_rights(const struct smmuv3_transaction *t,
				  const struct smmuv3_mapping *mapping)
{
	return t->request->privileged ? privileged_rights(&t->context, mapping)
				      : unprivileged_rights(&t->context, mapping);
}

bool smmuv3_check_stage1(struct smmuv3_transaction *t, const struct smmuv3_mapping *mapping)
{
	if (smmuv3_stage1_rights(t, mapping) & smmuv3_wanted(t))
		return true;
	return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_F_PERMISSION,
						     .class = SMMUV3_CLASS_INPUT });
}

bool smmuv3_check_stage2(struct smmuv3_transaction *t, const struct smmuv3_mapping *mapping,
			 u64 input)
{
	if (mapping->stage2_rights & smmuv3_wanted(t))
		return true;
	return smmuv3_fail(t, (struct smmuv3_fault){
				      .event = SMMUV3_F_PERMISSION,
				      .stage2 = true,
				      .class = SMMUV3_CLASS_INPUT,
				      .address = mapping->ipa + (input - mapping->input),
			      });
}
