using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Identity.Tokens;

/// <summary>
/// The way in for the CLI on the program's own machine: a token that is new at every start, in a file of the data directory that only its owner can
/// read. Whoever reads it owns the stores anyway; the audit shows him as "local". It makes no tokens and has no account.
/// </summary>
public sealed class LocalAccess : IDisposable
{
    private const string ActorId = "k_local";
    private readonly string _token = ApiTokens.Prefix + OpaqueToken.New();
    private volatile SignedInCaller? _caller;
    private string? _file;

    /// <summary>Lets the CLI in from now on.</summary>
    /// <param name="file">Where the CLI looks: cli.json in the data directory.</param>
    /// <param name="url">Where the program answers.</param>
    public void Open(IDisk disk, string file, string url, Tenant provider)
    {
        _caller = new SignedInCaller(
            new Caller(ActorId, "local", new TenantScope(provider.Id, provider.TenantPath), new HashSet<string>(StringComparer.Ordinal) { "*" }, true, provider.Locale),
            ActorId, ActorId, long.MaxValue);
        _file = file;
        PrivateFile.Write(disk, file, JsonSerializer.SerializeToUtf8Bytes(new { url, token = _token }));
    }

    public void Dispose()
    {
        _caller = null;
        if (_file is not null)
        {
            File.Delete(_file);
        }
    }

    internal SignedInCaller? Find(string token) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), SHA256.HashData(Encoding.UTF8.GetBytes(_token))) ? _caller : null;
}
