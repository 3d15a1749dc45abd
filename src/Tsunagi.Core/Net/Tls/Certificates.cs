using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Secrets;

namespace Tsunagi.Core.Net.Tls;

/// <summary>
/// The certificates of all listeners: a directory of PEM files, chosen by the name the peer asks for (exact, then wildcard, then the first file).
/// A changed directory is read again on the next handshake; a file that cannot be read keeps the former set in service and is logged. The first start
/// makes a self-signed certificate, so that TLS is there from the first minute.
/// </summary>
public sealed partial class Certificates
{
    private const string SelfSignedFile = "self-signed.pem";
    private static readonly TimeSpan SelfSignedLife = TimeSpan.FromDays(397);
    private static readonly TimeSpan RenewSelfSignedBefore = TimeSpan.FromDays(30);

    private readonly CertificateOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _reading = new();
    private CertificateSet _set;
    private long _looked;

    private Certificates(CertificateOptions options, TimeProvider time, ILogger log, CertificateSet set)
    {
        _options = options;
        _time = time;
        _log = log;
        _set = set;
        _looked = time.GetTimestamp();
    }

    /// <summary>Opens the directory, making it and a self-signed certificate where needed.</summary>
    /// <exception cref="InvalidDataException">A file is no certificate with its key; the message names it.</exception>
    public static Certificates Open(CertificateOptions options, TimeProvider time, ILogger log)
    {
        PrivateFile.CreateDirectory(new RealDisk(), Path.GetFullPath(options.Directory));
        EnsureSelfSigned(options, time);
        return new Certificates(options, time, log, CertificateSet.Read(options.Directory, SelfSignedFile));
    }

    /// <summary>For <see cref="StartTls.UpgradeAsync"/> and Kestrel's <c>UseHttps(callback, state)</c>: the options for the name the peer asks for.</summary>
    public ValueTask<SslServerAuthenticationOptions> SelectAsync(SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken) =>
        ValueTask.FromResult(OptionsFor(hello.ServerName));

    /// <summary>The options for a server name; null or an unknown name gets the default certificate.</summary>
    public SslServerAuthenticationOptions OptionsFor(string? serverName) => new()
    {
        ServerCertificateContext = Current().For(serverName),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
    };

    /// <summary>The certificate without private key that a name gets: for pages, checks and tests.</summary>
    public X509Certificate2 CertificateFor(string? serverName) => Current().For(serverName).TargetCertificate;

    private CertificateSet Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _looked)) < _options.LookAgainAfter || !_reading.TryEnter())
        {
            return Volatile.Read(ref _set);
        }

        try
        {
            Volatile.Write(ref _looked, _time.GetTimestamp());
            EnsureSelfSigned(_options, _time);
            if (CertificateSet.StampOf(_options.Directory) != _set.Stamp)
            {
                Volatile.Write(ref _set, CertificateSet.Read(_options.Directory, SelfSignedFile));
                LogReloaded(_log, _set.Count);
            }
        }
        catch (Exception bad) when (bad is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogKept(_log, bad);
        }
        finally
        {
            _reading.Exit();
        }

        return _set;
    }

    private static void EnsureSelfSigned(CertificateOptions options, TimeProvider time)
    {
        var path = Path.Combine(options.Directory, SelfSignedFile);
        var now = time.GetUtcNow();
        if (File.Exists(path))
        {
            using var have = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            if (have.NotAfter > (now + RenewSelfSignedBefore).LocalDateTime)
            {
                return;
            }
        }
        else if (System.IO.Directory.EnumerateFiles(options.Directory, "*.pem").Any())
        {
            return;
        }

        PrivateFile.Write(new RealDisk(), path, MakeSelfSigned(options.SelfSignedNames, now));
    }

    private static byte[] MakeSelfSigned(IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (System.Net.IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + SelfSignedLife);
        return System.Text.Encoding.ASCII.GetBytes($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "reading certificates again: {Count} in service")]
    private static partial void LogReloaded(ILogger log, int count);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "reading certificates again failed; the former ones stay in service")]
    private static partial void LogKept(ILogger log, Exception error);
}
