namespace Tsunagi.Mail.Signing;

/// <summary>
/// The keys that outgoing mail is signed with. One row is one key at one selector; the keys of a generation (one of each algorithm) go together. <c>sealed</c> is the private key in the tenant's box of
/// secrets, and empty once the key signs no more. <c>mail_signing_head</c> grows with each change that signers must know of.
/// </summary>
internal static class SigningSchema
{
    public const string Tables = """
        CREATE TABLE mail_dkim_key (
          id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, domain text NOT NULL COLLATE_BINARY, generation bigint NOT NULL, algorithm text NOT NULL, selector text NOT NULL,
          state text NOT NULL, record text NOT NULL, sealed text NOT NULL, created_at bigint NOT NULL, used_at bigint NOT NULL, ends_at bigint NOT NULL, looked_at bigint NOT NULL,
          published text NOT NULL, found text NOT NULL, unreadable_at bigint NOT NULL, UNIQUE (tenant_path, domain, generation, algorithm));
        CREATE INDEX mail_dkim_key_state ON mail_dkim_key (state, ends_at);
        CREATE TABLE mail_signing_head (one bigint PRIMARY KEY, version bigint NOT NULL);
        INSERT INTO mail_signing_head (one, version) VALUES (1, 1);
        """;
}
