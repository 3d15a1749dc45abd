namespace Tsunagi.Mail.Pending;

/// <summary>
/// The recipients that mail waits for before it leaves, one row each, in the control store: the row decides (<see cref="PendingState"/>). And the domains that tenants write to, from which a mistyped one is known.
/// </summary>
internal static class PendingSchema
{
    public const string Tables = """
        CREATE TABLE mail_pending (
          id text PRIMARY KEY COLLATE_BINARY, message_id text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL, node text NOT NULL, position bigint NOT NULL,
          recipient text NOT NULL, sender text NOT NULL, submitted_by text NOT NULL, subject text NOT NULL, size bigint NOT NULL, accepted_at bigint NOT NULL, due_at bigint NOT NULL, doubt text NOT NULL,
          state text NOT NULL, changed_at bigint NOT NULL, changed_by text NOT NULL, carried bigint NOT NULL);
        CREATE INDEX mail_pending_message ON mail_pending (message_id);
        CREATE INDEX mail_pending_tenant ON mail_pending (tenant_path, id);
        CREATE INDEX mail_pending_due ON mail_pending (node, due_at) WHERE state = 'pending';
        CREATE INDEX mail_pending_left ON mail_pending (node, message_id) WHERE carried = 0;
        CREATE INDEX mail_pending_ended ON mail_pending (changed_at) WHERE state <> 'pending';

        CREATE TABLE mail_correspondent (
          tenant_path text NOT NULL COLLATE_BINARY, domain text NOT NULL COLLATE_BINARY, messages bigint NOT NULL, last_at bigint NOT NULL, written_at bigint NOT NULL, PRIMARY KEY (tenant_path, domain));
        CREATE INDEX mail_correspondent_written ON mail_correspondent (written_at);
        CREATE INDEX mail_correspondent_last ON mail_correspondent (last_at);
        """;
}
