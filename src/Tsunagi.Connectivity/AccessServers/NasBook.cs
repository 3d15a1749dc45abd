using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.AccessServers;

/// <summary>The provider's access servers. They serve all tenants and belong to none: only the provider's operators see and change them.</summary>
internal sealed class NasBook(Stores stores, LineSecrets secrets, LineSignal signal, ChangeRecorder changes, TimeProvider time)
{
    private const string SecretLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    private const int SecretLength = 32;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>They belong to no tenant: to everyone but the provider's operators there are none.</summary>
    public async ValueTask<IReadOnlyList<NasRow>> ListAsync(Caller caller, string after, int limit, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<NasRow>($"SELECT {NasRow.Columns} FROM connectivity_nas WHERE removed_at IS NULL AND id > @After ORDER BY id LIMIT @Limit", new { After = after, Limit = (long)limit }),
        cancellationToken);

    public async ValueTask<NasRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => !caller.IsOperator ? null : await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<NasRow>($"SELECT {NasRow.Columns} FROM connectivity_nas WHERE id = @Id", new { Id = id }), cancellationToken);

    public async ValueTask<Outcome<NasMade>> AddAsync(Caller caller, NewNas wanted, CancellationToken cancellationToken)
    {
        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        var made = string.IsNullOrEmpty(wanted.Secret) ? RandomNumberGenerator.GetString(SecretLetters, SecretLength) : null;
        var now = time.NowMicros();
        var nas = new NasRow(
            Id.New("na", time), caller.Scope.Path, wanted.Name.Trim(), SourcesOf(wanted.Sources), now, (wanted.Dialect ?? NasDialect.Standard).ToString(),
            (wanted.MessageAuthenticator ?? MessageAuthenticatorRule.Auto).ToString(), wanted.DynamicAuthorization ?? "", wanted.WalledGarden ?? "", wanted.Accounts ?? true, wanted.Note ?? "",
            CertificateOf(wanted.Certificate), 0, 1, now, null);
        if (Check(nas) is { } refusal)
        {
            return refusal;
        }

        var box = await secrets.ProtectSecretAsync(nas.TenantPath, made ?? wanted.Secret!, cancellationToken);
        return await stores.Control.WriteAsync<Outcome<NasMade>>(
            async transaction =>
            {
                if (await CheckOthersAsync(transaction, nas) is { } taken)
                {
                    return taken;
                }

                var row = nas with { Revision = await signal.NextRevisionAsync(transaction) };
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO connectivity_nas ({NasRow.Columns}, secret_box)
                    VALUES (@Id, @TenantPath, @Name, @Sources, @SecretSetAt, @Dialect, @MessageAuthenticator, @DynamicAuthorization, @WalledGarden, @Accounts, @Note, @Certificate, @Revision, @Version, @CreatedAt, NULL, @Box)
                    """,
                    Values(row, box));
                await changes.RecordAsync(transaction, caller, ConnectivityEvents.NasAdded, row.Id, row.TenantPath, null, row, Facts(row));
                return new NasMade(row, made);
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<NasRow>> ChangeAsync(Caller caller, string id, NasChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("access server", id);
        }

        if ((NotOperator(caller) ?? Removed(before)) is { } no)
        {
            return no;
        }

        var after = before with
        {
            Name = wanted.Name?.Trim() ?? before.Name, Sources = wanted.Sources is null ? before.Sources : SourcesOf(wanted.Sources), Dialect = wanted.Dialect?.ToString() ?? before.Dialect,
            MessageAuthenticator = wanted.MessageAuthenticator?.ToString() ?? before.MessageAuthenticator, DynamicAuthorization = wanted.DynamicAuthorization ?? before.DynamicAuthorization,
            WalledGarden = wanted.WalledGarden ?? before.WalledGarden, Accounts = wanted.Accounts ?? before.Accounts, Note = wanted.Note ?? before.Note,
            Certificate = wanted.Certificate is null ? before.Certificate : CertificateOf(wanted.Certificate),
            SecretSetAt = wanted.Secret is null ? before.SecretSetAt : time.NowMicros(), Version = before.Version + 1,
        };
        if (Check(after) is { } refusal)
        {
            return refusal;
        }

        var box = wanted.Secret is null ? null : await secrets.ProtectSecretAsync(after.TenantPath, wanted.Secret, cancellationToken);
        return await stores.Control.WriteAsync<Outcome<NasRow>>(
            async transaction =>
            {
                if (await CheckOthersAsync(transaction, after) is { } taken)
                {
                    return taken;
                }

                return await KeepAsync(transaction, caller, before, after, ifVersion, box, ConnectivityEvents.NasChanged);
            },
            cancellationToken);
    }

    /// <summary>Removes one: its row stays for the history, its requests are not answered any more.</summary>
    public async ValueTask<Outcome<NasRow>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("access server", id);
        }

        if (NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        return before.IsRemoved ? before : await stores.Control.WriteAsync(
            transaction => KeepAsync(transaction, caller, before, before with { RemovedAt = time.NowMicros(), Version = before.Version + 1 }, null, null, ConnectivityEvents.NasRemoved), cancellationToken);
    }

    private async ValueTask<Outcome<NasRow>> KeepAsync(ISqlTransaction transaction, Caller caller, NasRow before, NasRow after, long? ifVersion, byte[]? box, string act)
    {
        var row = after with { Revision = await signal.NextRevisionAsync(transaction) };
        var changed = (ifVersion ?? before.Version) != before.Version ? 0 : await transaction.ExecuteAsync(
            """
            UPDATE connectivity_nas SET name = @Name, sources = @Sources, secret_set_at = @SecretSetAt, dialect = @Dialect, message_authenticator = @MessageAuthenticator,
              dynamic_authorization = @DynamicAuthorization, walled_garden = @WalledGarden, accounts = @Accounts, note = @Note, certificate = @Certificate, revision = @Revision, version = @Version, removed_at = @RemovedAt,
              secret_box = coalesce(@Box, secret_box)
            WHERE id = @Id AND version = @Version - 1
            """,
            Values(row, box));
        if (changed == 0)
        {
            return Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM connectivity_nas WHERE id = @Id", new { before.Id }));
        }

        await changes.RecordAsync(transaction, caller, act, row.Id, row.TenantPath, before, row, Facts(row));
        return row;
    }

    private static object Values(NasRow row, byte[]? box) => new
    {
        row.Id, row.TenantPath, row.Name, row.Sources, row.SecretSetAt, row.Dialect, row.MessageAuthenticator, row.DynamicAuthorization, row.WalledGarden, Accounts = row.Accounts ? 1L : 0L, row.Note, row.Certificate,
        row.Revision, row.Version, row.CreatedAt, row.RemovedAt, Box = box,
    };

    /// <summary>Canonical where they can be read; what cannot be stays as it is and is refused by <see cref="Check"/>.</summary>
    private static string SourcesOf(IEnumerable<string> sources) => JsonSerializer.Serialize(sources.Select(static source => Network(source.Trim()) ?? source).Distinct(StringComparer.Ordinal));

    private static string? Network(string text) => CidrRange.Parse(text.Contains('/', StringComparison.Ordinal) ? text : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32"))?.Cidr;

    private static Refusal? Check(NasRow nas)
    {
        if (nas.Name.Length is 0 or > 100 || nas.Name.Any(char.IsControl))
        {
            return Refusal.Invalid("connectivity.nas.name", "name", "the name is empty, too long, or holds control characters", "1 to 100 characters");
        }

        if (nas.SourceList.FirstOrDefault(static source => Network(source) is null) is { } wrong)
        {
            return Refusal.Invalid("connectivity.nas.source", "sources", $"\"{wrong}\" is no address or network", "such as 192.0.2.1, 192.0.2.0/28 or 2001:db8::/48: no bit set below the length");
        }

        if (nas.SourceList.Count == 0 && nas.Certificate.Length == 0)
        {
            return Refusal.Invalid("connectivity.nas.unknown", "sources", "nothing says which requests are this server's", "addresses that its datagrams come from, or what its certificate is known by");
        }

        if (nas.Certificate.Length > 0 && !IsCertificate(nas.Certificate))
        {
            return Refusal.Invalid("connectivity.nas.certificate", "certificate", $"\"{nas.Certificate}\" is no fingerprint and no name", "sha256: and 64 hexadecimal digits (openssl x509 -noout -fingerprint -sha256), or a DNS name such as bras1.example.net");
        }

        return nas.DynamicAuthorization.Length == 0 || (IPEndPoint.TryParse(nas.DynamicAuthorization, out var at) && at.Port > 0)
            ? null
            : Refusal.Invalid("connectivity.nas.dynamic-authorization", "dynamicAuthorization", $"\"{nas.DynamicAuthorization}\" is no address and port", "192.0.2.1:3799 or [2001:db8::1]:3799");
    }

    /// <summary>A fingerprint as openssl and people write it, with colons and in capitals, as it is kept; a name as it is.</summary>
    private static string CertificateOf(string? text)
    {
        var known = (text ?? "").Trim();
        return known.StartsWith(Nas.FingerprintPrefix, StringComparison.OrdinalIgnoreCase)
            ? Nas.FingerprintPrefix + known[Nas.FingerprintPrefix.Length..].Replace(":", "", StringComparison.Ordinal).ToLowerInvariant()
            : known.ToLowerInvariant();
    }

    private static bool IsCertificate(string known) => known.StartsWith(Nas.FingerprintPrefix, StringComparison.Ordinal)
        ? known.Length == Nas.FingerprintPrefix.Length + (2 * SHA256.HashSizeInBytes) && known.AsSpan(Nas.FingerprintPrefix.Length).IndexOfAnyExcept(HexDigits) < 0
        : Uri.CheckHostName(known) == UriHostNameType.Dns;

    /// <summary>Two access servers that send from the same network, or have the same certificate, could not be told apart.</summary>
    private static async ValueTask<Refusal?> CheckOthersAsync(ISqlTransaction transaction, NasRow nas)
    {
        var others = await transaction.QueryAsync<Other>("SELECT name, sources, certificate FROM connectivity_nas WHERE removed_at IS NULL AND id <> @Id ORDER BY id", new { nas.Id });
        var taken = others.FirstOrDefault(other => (JsonSerializer.Deserialize<string[]>(other.Sources) ?? []).Intersect(nas.SourceList, StringComparer.Ordinal).Any());
        if (taken is not null)
        {
            return Refusal.Conflict("connectivity.nas.source-taken", $"the access server {taken.Name} sends from one of these", "sources");
        }

        var same = nas.Certificate.Length == 0 ? null : others.FirstOrDefault(other => other.Certificate == nas.Certificate);
        return same is null ? null : Refusal.Conflict("connectivity.nas.certificate-taken", $"the access server {same.Name} is known by this certificate", "certificate");
    }

    private static Refusal? NotOperator(Caller caller) =>
        caller.IsOperator ? null : new Refusal(RefusalKind.Forbidden, "connectivity.nas.operators-only", "access servers serve several customers: only the provider's operators change them");

    private static Refusal? Removed(NasRow nas) => nas.IsRemoved ? Refusal.Conflict("connectivity.nas.removed", $"the access server {nas.Name} was removed; add it anew") : null;

    private static string Facts(NasRow nas) => JsonSerializer.Serialize(new { name = nas.Name, sources = nas.SourceList });

    private sealed record Other(string Name, string Sources, string Certificate);
}
