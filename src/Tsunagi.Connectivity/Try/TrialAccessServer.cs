using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Try;

/// <summary>A small access server for the demo: signs users in by CHAP with Message-Authenticator, and tells of their sessions as a BRAS does.</summary>
public sealed class TrialAccessServer(string name, IPEndPoint authenticates, IPEndPoint accounts, string secret, TimeProvider time)
{
    private const int LongestRequest = 1_024;
    private const int Tries = 3;
    private const uint UserRequest = 1;
    private const uint Framed = 2;
    private const uint Ppp = 1;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);
    private static readonly byte[] Repeated = [RadiusType.FramedIpAddress, RadiusType.FramedIpv6Prefix, RadiusType.DelegatedIpv6Prefix, RadiusType.Class];

    private readonly RadiusSecret _secret = new(Encoding.UTF8.GetBytes(secret));
    private int _identifier;

    /// <summary>The session; null when it was refused or nobody answered.</summary>
    public async Task<TrialSession?> SignInAsync(string userName, string password, string station, CancellationToken cancellationToken)
    {
        var request = Access(userName, password, station, NextIdentifier());
        var asked = await RadiusClient.AskAsync(authenticates, request, _secret, true, Tries, Wait, time, cancellationToken);
        return asked.Answer is { } answer && Given(answer) is { } given ? new TrialSession(userName, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), given, time.GetTimestamp()) : null;
    }

    /// <summary>True when the record was acknowledged.</summary>
    public async Task<bool> TellAsync(TrialSession session, TrialReport report, CancellationToken cancellationToken)
    {
        var request = Accounting(session, report, NextIdentifier());
        return (await RadiusClient.AskAsync(accounts, request, _secret, false, Tries, Wait, time, cancellationToken)).Answer is not null;
    }

    private byte NextIdentifier() => (byte)Interlocked.Increment(ref _identifier);

    private byte[] Access(string userName, string password, string station, byte identifier)
    {
        var buffer = new byte[LongestRequest];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessRequest, identifier);
        RandomNumberGenerator.Fill(writer.Authenticator);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.UserName, userName);
        Span<byte> chap = stackalloc byte[Chap.PasswordOctets];
        Chap.Answer(identifier, Encoding.UTF8.GetBytes(password), writer.Authenticator, chap);
        writer.Add(RadiusType.ChapPassword, chap);
        writer.Add(RadiusType.NasIdentifier, name);
        writer.Add(RadiusType.ServiceType, Framed);
        writer.Add(RadiusType.FramedProtocol, Ppp);
        writer.Add(RadiusType.CallingStationId, station);
        return writer.TryFinishAccess(_secret, out var length) ? buffer[..length] : throw new ArgumentException("the request is too long", nameof(userName));
    }

    private byte[] Accounting(TrialSession session, TrialReport report, byte identifier)
    {
        var buffer = new byte[LongestRequest];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingRequest, identifier);
        writer.Add(RadiusType.AcctStatusType, (uint)report);
        writer.Add(RadiusType.AcctSessionId, session.SessionId);
        writer.Add(RadiusType.UserName, session.UserName);
        writer.Add(RadiusType.NasIdentifier, name);
        foreach (var (type, value) in session.Given)
        {
            writer.Add(type, value);
        }

        writer.Add(RadiusType.AcctSessionTime, (uint)time.GetElapsedTime(session.StartedAt).TotalSeconds);
        writer.Add(RadiusType.AcctInputOctets, (uint)session.OctetsIn);
        writer.Add(RadiusType.AcctOutputOctets, (uint)session.OctetsOut);
        writer.Add(RadiusType.AcctInputGigawords, (uint)(session.OctetsIn >> 32));
        writer.Add(RadiusType.AcctOutputGigawords, (uint)(session.OctetsOut >> 32));
        if (report == TrialReport.Stop)
        {
            writer.Add(RadiusType.AcctTerminateCause, UserRequest);
        }

        return writer.TryFinishSigned(_secret, out var length) ? buffer[..length] : throw new ArgumentException("the record is too long", nameof(session));
    }

    private static List<(byte Type, byte[] Value)>? Given(byte[] answer)
    {
        if (!RadiusPacket.TryParse(answer, null, out var packet, out _) || packet.Code != RadiusCode.AccessAccept)
        {
            return null;
        }

        List<(byte, byte[])> given = [];
        foreach (var type in Repeated)
        {
            if (packet.TryFind(type, out ReadOnlySpan<byte> value))
            {
                given.Add((type, value.ToArray()));
            }
        }

        return given;
    }
}
