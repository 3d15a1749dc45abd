using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// The certificate of location and resource server, and the authority that routers are told to trust. A router takes a location server only when every certificate of its
/// chain has "ARMS Root CA" or "Location Server …" for a common name: (1) that of the operator's files, (2) else one of an authority of our own, which is made once for all nodes
/// and kept encrypted; the server's certificate is made anew a month before it ends. RSA, since boxes of the field know nothing else.
/// </summary>
internal sealed class ArmsAuthority(Stores stores, ISecretBox secrets, DeviceBook devices, RoutersOptions options, TimeProvider time) : IDisposable
{
    private const string Purpose = "routers.arms-authority";
    private const string Row = "arms";
    private const int KeyBits = 2048;

    /// <summary>A box keeps line and authority together, in <see cref="Tsunagi.Protocols.Cpe.Arms.LocationConfig.Longest"/> octets, and looks at nothing when it copies them.</summary>
    private const int LongestRoot = Tsunagi.Protocols.Cpe.Arms.LocationConfig.Longest - SiteConfiguration.LongestLine - 64;

    private static readonly TimeSpan RootLife = TimeSpan.FromDays(20 * 365);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(825);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly SemaphoreSlim _making = new(1, 1);
    private volatile Identity? _identity;

    /// <summary>What routers are told to trust, as PEM without a line end behind it.</summary>
    public async ValueTask<string> RootAsync(CancellationToken cancellationToken) => (await IdentityAsync(cancellationToken)).RootPem;

    /// <summary>For Kestrel's handshake.</summary>
    /// <param name="isLegacy">TLS 1.0 and 1.1 for boxes that know no other.</param>
    public async ValueTask<SslServerAuthenticationOptions> SelectAsync(bool isLegacy, CancellationToken cancellationToken) => isLegacy
        ? LegacyTls.ForServer((await IdentityAsync(cancellationToken)).Context)
        : new()
        {
            ServerCertificateContext = (await IdentityAsync(cancellationToken)).Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = false,
        };

    public void Dispose() => _making.Dispose();

    private async ValueTask<Identity> IdentityAsync(CancellationToken cancellationToken)
    {
        if (_identity is { } known && time.GetUtcNow() < known.RenewAt)
        {
            return known;
        }

        await _making.WaitAsync(cancellationToken);
        try
        {
            // (1) (2)
            return _identity is { } made && time.GetUtcNow() < made.RenewAt
                ? made
                : _identity = options.Arms.CertificateFile.Length > 0 ? await ReadFilesAsync(cancellationToken) : Open(await OwnAsync(cancellationToken));
        }
        finally
        {
            _making.Release();
        }
    }

    private async ValueTask<Identity> ReadFilesAsync(CancellationToken cancellationToken)
    {
        var pem = await File.ReadAllTextAsync(options.Arms.CertificateFile, cancellationToken);
        var leaf = X509Certificate2.CreateFromPem(pem, pem);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);
        chain.RemoveAt(0);
        var root = options.Arms.RootFile.Length > 0 ? await File.ReadAllTextAsync(options.Arms.RootFile, cancellationToken) : chain.Count > 0 ? chain[^1].ExportCertificatePem() : leaf.ExportCertificatePem();
        using var authority = X509Certificate2.CreateFromPem(root);
        root = authority.ExportCertificatePem().Trim();
        return root.Length <= LongestRoot
            ? new Identity(SslStreamCertificateContext.Create(leaf, chain, offline: true), root, time.GetUtcNow() + TimeSpan.FromHours(1))
            : throw new InvalidOperationException($"reading the authority that routers are to trust: it has {root.Length} characters as PEM, and boxes have room for {LongestRoot} beside the description of a line");
    }

    private async ValueTask<Kept> OwnAsync(CancellationToken cancellationToken)
    {
        var provider = await devices.ProviderAsync(cancellationToken);
        var kept = await ReadAsync(provider, cancellationToken);
        var next = kept is null ? Make() : NotAfter(kept) - RenewBefore > time.GetUtcNow() ? null : WithServer(kept.Root, kept.RootKey);
        if (next is null)
        {
            return kept!;
        }

        // Two nodes may make it at the same moment: one row stays, both use it.
        var box = await secrets.ProtectAsync(provider, Purpose, JsonSerializer.SerializeToUtf8Bytes(next), cancellationToken);
        var former = kept is null ? 0 : kept.MadeAt;
        await stores.Control.WriteAsync(
            transaction => kept is null
                ? transaction.ExecuteAsync("INSERT INTO router_authority (id, tenant_path, made_at, box) VALUES (@Row, @Provider, @MadeAt, @Box) ON CONFLICT (id) DO NOTHING", new { Row, Provider = provider, next.MadeAt, Box = box })
                : transaction.ExecuteAsync("UPDATE router_authority SET made_at = @MadeAt, box = @Box WHERE id = @Row AND made_at = @Former", new { Row, next.MadeAt, Box = box, Former = former }),
            cancellationToken);
        return await ReadAsync(provider, cancellationToken) ?? throw new InvalidOperationException("the authority of location servers was written and is not there, or does not open");
    }

    private async ValueTask<Kept?> ReadAsync(string provider, CancellationToken cancellationToken)
    {
        var box = await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<byte[]>("SELECT box FROM router_authority WHERE id = @Row", new { Row }), cancellationToken);
        return box is null ? null : await secrets.UnprotectAsync(provider, Purpose, box, cancellationToken) is { } plain
            ? JsonSerializer.Deserialize<Kept>(plain)
            : throw new InvalidOperationException("the authority of location servers does not open: its key was destroyed, and routers trust no other");
    }

    private Kept Make()
    {
        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest("CN=ARMS Root CA", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var root = request.CreateSelfSigned(time.GetUtcNow().AddDays(-1), time.GetUtcNow() + RootLife);
        return WithServer(root.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private Kept WithServer(string rootPem, string rootKeyPem)
    {
        using var rootOnly = X509Certificate2.CreateFromPem(rootPem);
        using var rootKey = RSA.Create();
        rootKey.ImportFromPem(rootKeyPem);
        using var root = rootOnly.CopyWithPrivateKey(rootKey);
        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest("CN=Location Server 1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = time.GetUtcNow();
        using var server = request.Create(root, now.AddDays(-1), now + ServerLife, RandomNumberGenerator.GetBytes(16));
        return new Kept(rootPem.Trim(), rootKeyPem, server.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), time.NowMicros());
    }

    private static DateTimeOffset NotAfter(Kept kept)
    {
        using var server = X509Certificate2.CreateFromPem(kept.Server);
        return new DateTimeOffset(server.NotAfter.ToUniversalTime(), TimeSpan.Zero);
    }

    private static Identity Open(Kept kept) =>
        new(SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(kept.Server, kept.ServerKey), additionalCertificates: null, offline: true), kept.Root, NotAfter(kept) - RenewBefore);

    private sealed record Identity(SslStreamCertificateContext Context, string RootPem, DateTimeOffset RenewAt);

    private sealed record Kept(string Root, string RootKey, string Server, string ServerKey, long MadeAt);
}
