using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Core.Net;

namespace Tsunagi.Tests.Connectivity.RadSec;

/// <summary>A node that answers RADIUS over TLS on loopback, with an authority for its access servers' certificates.</summary>
internal sealed class RadSecWorld : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly string _directory;

    private RadSecWorld(RadiusWorld radius, LoopbackListener listener, TestAuthority authority, string directory)
    {
        (Radius, _listener, Authority, _directory) = (radius, listener, authority, directory);
    }

    public RadiusWorld Radius { get; }

    public TestAuthority Authority { get; }

    public int Port => _listener.Port;

    /// <summary>PEM file of the authority, which signed the server's certificate too.</summary>
    public string AuthorityFile => Path.Combine(_directory, "authority.pem");

    public string Directory => _directory;

    public IReadOnlyCollection<RefusedCertificate> Refused => Radius.World.Get<RefusedCertificates>().All;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<RadSecWorld> OpenAsync(Func<RadSecOptions, RadSecOptions>? change = null, ConnectivityOptions? options = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("tsunagi-radsec-").FullName;
        var authority = new TestAuthority();
        await File.WriteAllTextAsync(Path.Combine(directory, "authority.pem"), authority.Certificate.ExportCertificatePem(), Cancel);
        var own = System.IO.Directory.CreateDirectory(Path.Combine(directory, "certificates")).FullName;
        using (var server = authority.Sign("radius.example.net", "radius.example.net", TestAuthority.ForServers))
        {
            await File.WriteAllTextAsync(Path.Combine(own, "server.pem"), TestAuthority.PemOf(server), Cancel);
        }

        var radSec = new RadSecOptions { ClientAuthorities = Path.Combine(directory, "authority.pem") };
        radSec = change?.Invoke(radSec) ?? radSec;
        var radius = await RadiusWorld.OpenAsync((options ?? RadiusWorld.Options()) with { RadSec = radSec });
        var world = radius.World;
        var certificates = Certificates.Open(new CertificateOptions { Directory = own }, TimeProvider.System, NullLogger.Instance);
        var peers = new RadSecPeers(world.Get<ClientAuthorities>(), certificates, world.Get<NasHealth>(), world.Get<RefusedCertificates>(), world.Time);
        var handler = new RadSecConnectionHandler(
            world.Get<ConnectivityOptions>(), peers, world.Get<RadSecConnections>(), world.Get<NasHealth>(), world.Get<AccessServer>(), world.Get<AccountingServer>(), world.Get<ConnectivityMetrics>(),
            world.Time, NullLogger<RadSecConnectionHandler>.Instance);
        return new RadSecWorld(radius, await LoopbackListener.StartAsync(static _ => { }, handler.OnConnectedAsync), authority, directory);
    }

    /// <summary>One access server, na_1, that is known by this and by no address.</summary>
    public void Set(string? certificate, params Line[] lines) => Radius.Set(own => own with { Sources = [], Certificate = certificate }, lines);

    /// <summary>Connects as an access server does; fails as its handshake does.</summary>
    public async Task<SslStream> ConnectAsync(X509Certificate2? certificate)
    {
        var stream = new SslStream(await _listener.ConnectAsync());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "radius.example.net", RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
            Cancel);
        return stream;
    }

    /// <summary>True when the server ended the connection, at the handshake or (TLS 1.3 tells its client then) at the first word.</summary>
    public async Task<bool> IsRefusedAsync(X509Certificate2? certificate)
    {
        try
        {
            await using var stream = await ConnectAsync(certificate);
            await stream.WriteAsync(Status(), Cancel);
            return await ReadAsync(stream) is null;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return true;
        }
    }

    /// <summary>A Status-Server's octets (RFC 5997).</summary>
    /// <param name="proxyStates">So many of the longest Proxy-State, which the answer gives back.</param>
    public static byte[] Status(byte identifier = 1, int proxyStates = 0)
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, RadiusCode.StatusServer, identifier);
        System.Security.Cryptography.RandomNumberGenerator.Fill(writer.Authenticator);
        writer.AddMessageAuthenticator();
        for (var i = 0; i < proxyStates; i++)
        {
            writer.Add(RadiusType.ProxyState, new byte[253]);
        }

        Assert.True(writer.TryFinishAccess(RadSecConnection.Secret, out var length));
        return buffer[..length];
    }

    public static byte[] Pap(string user, string password, byte identifier)
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessRequest, identifier);
        System.Security.Cryptography.RandomNumberGenerator.Fill(writer.Authenticator);
        writer.Add(RadiusType.UserName, user);
        Span<byte> hidden = stackalloc byte[128];
        writer.Add(RadiusType.UserPassword, hidden[..RadSecConnection.Secret.HidePassword(System.Text.Encoding.UTF8.GetBytes(password), writer.Authenticator, hidden)]);
        Assert.True(writer.TryFinishAccess(RadSecConnection.Secret, out var length));
        return buffer[..length];
    }

    public static byte[] Accounting(uint status, string session, byte identifier)
    {
        var buffer = new byte[256];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingRequest, identifier);
        writer.Add(RadiusType.AcctStatusType, status);
        writer.Add(RadiusType.AcctSessionId, session);
        writer.Add(RadiusType.UserName, "joe");
        Assert.True(writer.TryFinishSigned(RadSecConnection.Secret, out var length));
        return buffer[..length];
    }

    /// <summary>The next packet of a stream; null at its end.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream)
    {
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, Cancel) < head.Length)
        {
            return null;
        }

        var packet = new byte[(head[2] << 8) | head[3]];
        head.CopyTo(packet, 0);
        await stream.ReadExactlyAsync(packet.AsMemory(4), Cancel);
        return packet;
    }

    public static async Task<byte[]?> AskAsync(Stream stream, byte[] request)
    {
        await stream.WriteAsync(request, Cancel);
        return await ReadAsync(stream);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await Radius.DisposeAsync();
        Authority.Dispose();
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}
