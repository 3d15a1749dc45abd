using System.Collections.Frozen;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tsunagi.Core.Net.Tls;

/// <summary>All certificates of the directory as they were read once. Immutable.</summary>
internal sealed class CertificateSet
{
    private readonly FrozenDictionary<string, SslStreamCertificateContext> _byName;
    private readonly SslStreamCertificateContext _default;

    private CertificateSet(Dictionary<string, SslStreamCertificateContext> byName, SslStreamCertificateContext @default, string stamp, int count)
    {
        _byName = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _default = @default;
        Stamp = stamp;
        Count = count;
    }

    /// <summary>Names, sizes and times of the files: differs when anything was changed.</summary>
    public string Stamp { get; }

    public int Count { get; }

    public static CertificateSet Read(string directory, string lastResort)
    {
        var stamp = StampOf(directory);
        var byName = new Dictionary<string, SslStreamCertificateContext>(StringComparer.OrdinalIgnoreCase);
        SslStreamCertificateContext? first = null;
        var files = Files(directory).OrderBy(file => file.Name == lastResort).ThenBy(file => file.Name, StringComparer.Ordinal).ToList();
        foreach (var file in files)
        {
            var context = ReadFile(file.FullName);
            first ??= context;
            foreach (var name in NamesOf(context.TargetCertificate))
            {
                byName.TryAdd(name, context);
            }
        }

        return first is null
            ? throw new InvalidDataException($"reading certificates: {directory} holds no .pem file")
            : new CertificateSet(byName, first, stamp, files.Count);
    }

    public static string StampOf(string directory)
    {
        var stamp = new StringBuilder();
        foreach (var file in Files(directory).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            stamp.Append(CultureInfo.InvariantCulture, $"{file.Name}|{file.Length}|{file.LastWriteTimeUtc.Ticks};");
        }

        return stamp.ToString();
    }

    /// <summary>Exact name, then the wildcard one label up (RFC 6125 section 6.4.3), then the default.</summary>
    public SslStreamCertificateContext For(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName))
        {
            return _default;
        }

        if (_byName.TryGetValue(serverName, out var exact))
        {
            return exact;
        }

        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && _byName.TryGetValue(string.Concat("*", serverName.AsSpan(dot)), out var wildcard) ? wildcard : _default;
    }

    private static IEnumerable<FileInfo> Files(string directory) => new DirectoryInfo(directory).EnumerateFiles("*.pem");

    private static SslStreamCertificateContext ReadFile(string path)
    {
        try
        {
            var pem = File.ReadAllText(path);
            var leaf = X509Certificate2.CreateFromPem(pem, pem);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception bad) when (bad is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"reading certificate file {path}: it must hold a certificate, its intermediates and the matching private key", bad);
        }
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (var name in extension.EnumerateDnsNames())
            {
                yield return name;
            }
        }

        yield return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }
}
