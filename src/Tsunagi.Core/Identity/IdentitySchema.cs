using Tsunagi.Core.Store;

namespace Tsunagi.Core.Identity;

/// <summary>The tables of users, roles, sessions and tokens. Nothing in them signs anybody in: tokens are hashes, passwords too, TOTP secrets encrypted.</summary>
public static class IdentitySchema
{
    public static readonly SchemaPart Control = new("identity", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE identity_user (
              id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
              locale TEXT NOT NULL, theme TEXT NOT NULL, state TEXT NOT NULL, password_hash TEXT,
              totp_secret BLOB, totp_pending BLOB, totp_last_step INTEGER NOT NULL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL, last_sign_in_at INTEGER);
            CREATE INDEX identity_user_tenant ON identity_user (tenant_path, email);

            CREATE TABLE identity_role (
              id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL, permissions TEXT NOT NULL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL, UNIQUE (tenant_id, name));
            CREATE INDEX identity_role_tenant ON identity_role (tenant_path);

            CREATE TABLE identity_grant (
              user_id TEXT NOT NULL REFERENCES identity_user (id), role TEXT NOT NULL, tenant_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY,
              created_at INTEGER NOT NULL, PRIMARY KEY (user_id, role, tenant_path));
            CREATE INDEX identity_grant_tenant ON identity_grant (tenant_path);
            CREATE INDEX identity_grant_role ON identity_grant (role);

            CREATE TABLE identity_session (
              id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES identity_user (id), tenant_path TEXT NOT NULL COLLATE_BINARY,
              scope_tenant_id TEXT NOT NULL, scope_path TEXT NOT NULL, created_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
              address TEXT NOT NULL, address_group TEXT NOT NULL, agent TEXT NOT NULL, revoked_at INTEGER);
            CREATE INDEX identity_session_user ON identity_session (user_id, created_at);

            CREATE TABLE identity_token (
              id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES identity_user (id), tenant_id TEXT NOT NULL,
              tenant_path TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL, permissions TEXT NOT NULL, created_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER);
            CREATE INDEX identity_token_tenant ON identity_token (tenant_path, id);
            CREATE INDEX identity_token_user ON identity_token (user_id);

            CREATE TABLE identity_link (
              token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_user (id), purpose TEXT NOT NULL,
              created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER);
            CREATE INDEX identity_link_user ON identity_link (user_id);
            """),
    ]);
}
