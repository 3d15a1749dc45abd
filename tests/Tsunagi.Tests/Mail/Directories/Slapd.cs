using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Directories;

/// <summary>An OpenLDAP server of the test's own, with the attributes of Active Directory that are read; ended by the pid that was started.</summary>
internal sealed class Slapd : IAsyncDisposable
{
    public const string Base = "dc=customer,dc=example";
    public const string Admin = "cn=admin," + Base;
    public const string Password = "the directory's own";

    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePorts.Tcp();
    private readonly int _tlsPort = FreePorts.Tcp();
    private Process? _server;

    private Slapd()
    {
        Authority = WriteCertificate();
        File.WriteAllText(Path("slapd.conf"), $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
            attributetype ( 1.2.840.113556.1.2.102 NAME 'memberOf' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )
            attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
            objectclass ( 1.3.6.1.4.1.32473.1 NAME 'account2' SUP top AUXILIARY MAY ( proxyAddresses $ memberOf $ userAccountControl ) )
            modulepath /usr/lib/ldap
            moduleload back_mdb
            TLSCertificateFile {Path("certificate.pem")}
            TLSCertificateKeyFile {Path("key.pem")}
            sizelimit size.soft=50 size.hard=50 size.pr=50 size.prtotal=unlimited
            access to * by dn.exact="{Admin}" read by anonymous auth by * none
            database mdb
            suffix "{Base}"
            rootdn "cn=root,{Base}"
            directory {Path("db")}
            maxsize 33554432
            """);
    }

    /// <summary>The certificate that the server shows, which nobody else vouches for.</summary>
    public string Authority { get; }

    public string Url => $"ldap://127.0.0.1:{_port}";

    public string TlsUrl => $"ldaps://127.0.0.1:{_tlsPort}";

    /// <summary>Starts one with these people; skips the test when OpenLDAP is not installed.</summary>
    public static async Task<Slapd> StartAsync(IEnumerable<string> people)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/slapd"), "slapd is not installed (./tsunagi setup installs it)");
        var slapd = new Slapd();
        await slapd.FillAsync(people);
        await slapd.StartAsync();
        return slapd;
    }

    /// <summary>LDIF of one person.</summary>
    public static string Person(string name, params string[] attributes) =>
        $"dn: cn={name},ou=Staff,{Base}\nobjectClass: inetOrgPerson\nobjectClass: account2\ncn: {name}\nsn: {name}\n{string.Concat(attributes.Select(static attribute => attribute + "\n"))}\n";

    /// <summary>Other people than before; the server is not running.</summary>
    public async Task FillAsync(IEnumerable<string> people)
    {
        if (Directory.Exists(Path("db")))
        {
            Directory.Delete(Path("db"), recursive: true);
        }

        Directory.CreateDirectory(Path("db"));
        await File.WriteAllTextAsync(Path("people.ldif"), $"dn: {Base}\nobjectClass: domain\ndc: customer\n\ndn: ou=Staff,{Base}\nobjectClass: organizationalUnit\nou: Staff\n\n"
            + $"dn: {Admin}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: admin\nuserPassword: {Password}\n\n" + string.Concat(people));
        using var load = Process.Start(new ProcessStartInfo("/usr/sbin/slapadd", ["-q", "-f", Path("slapd.conf"), "-l", Path("people.ldif")]) { RedirectStandardError = true })!;
        var said = await load.StandardError.ReadToEndAsync();
        await load.WaitForExitAsync();
        Assert.True(load.ExitCode == 0, said);
    }

    public async Task StartAsync()
    {
        _server = Process.Start(new ProcessStartInfo("/usr/sbin/slapd", ["-f", Path("slapd.conf"), "-h", $"{Url} {TlsUrl}", "-d", "0"]) { RedirectStandardError = true })!;
        _server.ErrorDataReceived += static (_, _) => { };
        _server.BeginErrorReadLine();
        for (var attempt = 0; !await AnswersAsync(); attempt++)
        {
            Assert.True(attempt < 1_200 && !_server.HasExited, "the directory did not start");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    public async Task StopAsync()
    {
        if (_server is { HasExited: false })
        {
            _server.Kill();
            await _server.WaitForExitAsync();
        }

        _server?.Dispose();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, _tlsPort);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Path(string name) => System.IO.Path.Combine(_directory.Path, name);

    private string WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=directory", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path("certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path("key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate.ExportCertificatePem();
    }
}
