using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>Requests made beforehand and sent with so many in flight, from one thread: each answer lets the next go; what is not answered within a time goes again.</summary>
internal sealed class RadiusLoad
{
    private const int PerSocket = 128;

    // More than are in flight.
    private const int Together = 256;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    /// <summary>PAP with Message-Authenticator, users in turn.</summary>
    public static byte[][] Pap(int count, int users)
    {
        var secret = new RadiusSecret(Encoding.ASCII.GetBytes(RadiusServerProcess.Secret));
        return [.. Enumerable.Range(0, count).Select(index => Write(index, secret, RadiusCode.AccessRequest, (ref writer) =>
        {
            RandomNumberGenerator.Fill(writer.Authenticator);
            writer.AddMessageAuthenticator();
            writer.Add(RadiusType.UserName, $"u{index % users:00000}");
            Span<byte> hidden = stackalloc byte[16];
            secret.HidePassword(Encoding.ASCII.GetBytes($"pw{index % users:00000}"), writer.Authenticator, hidden);
            writer.Add(RadiusType.UserPassword, hidden);
            writer.Add(RadiusType.NasPort, 1);
        }))];
    }

    /// <summary>
    /// Starts, interims and stops of sessions, users in turn. No two reports of one session are in flight together, as no NAS would have it: of a server with several workers the stop might be done first, and
    /// FreeRADIUS never answers an interim of a session that it has ended.
    /// </summary>
    public static byte[][] Accounting(int count, int users, int round)
    {
        var secret = new RadiusSecret(Encoding.ASCII.GetBytes(RadiusServerProcess.Secret));
        return [.. Enumerable.Range(0, count).Select(index => Write(index, secret, RadiusCode.AccountingRequest, (ref writer) =>
        {
            var session = (index / (3 * Together) * Together) + (index % Together);
            var step = (uint)(index % (3 * Together) / Together);
            writer.Add(RadiusType.AcctStatusType, step == 0 ? 1u : step == 1 ? 3u : 2u);
            writer.Add(RadiusType.AcctSessionId, $"r{round}-{session}");
            writer.Add(RadiusType.UserName, $"u{session % users:00000}");
            writer.Add(RadiusType.NasIpAddress, IPAddress.Loopback);
            writer.Add(RadiusType.NasPort, 1);
            writer.Add(RadiusType.FramedIpAddress, new IPAddress([10, (byte)(session >> 16), (byte)(session >> 8), (byte)session]));
            writer.Add(RadiusType.AcctSessionTime, step * 60);
            writer.Add(RadiusType.AcctInputOctets, step * 1_000);
            writer.Add(RadiusType.AcctOutputOctets, step * 5_000);
            writer.Add(RadiusType.AcctInputGigawords, 0);
            writer.Add(RadiusType.AcctOutputGigawords, 0);
        }))];
    }

    /// <summary>The access server has started anew: every session of it is over (RFC 2866 section 5.1).</summary>
    public static byte[] AccountingOn() => Write(0, new RadiusSecret(Encoding.ASCII.GetBytes(RadiusServerProcess.Secret)), RadiusCode.AccountingRequest, static (ref writer) =>
    {
        writer.Add(RadiusType.AcctStatusType, 7);
        writer.Add(RadiusType.NasIpAddress, IPAddress.Loopback);
    });

    /// <summary>A start of a session for each user.</summary>
    public static byte[][] Starts(int users, int round)
    {
        var secret = new RadiusSecret(Encoding.ASCII.GetBytes(RadiusServerProcess.Secret));
        return [.. Enumerable.Range(0, users).Select(index => Write(index, secret, RadiusCode.AccountingRequest, (ref writer) =>
        {
            writer.Add(RadiusType.AcctStatusType, 1);
            writer.Add(RadiusType.AcctSessionId, $"b{round}-{index}");
            writer.Add(RadiusType.UserName, $"u{index:00000}");
            writer.Add(RadiusType.NasIpAddress, IPAddress.Loopback);
            writer.Add(RadiusType.NasPort, (uint)index);
            writer.Add(RadiusType.FramedIpAddress, new IPAddress([10, (byte)(index >> 16), (byte)(index >> 8), (byte)index]));
        }))];
    }

    /// <summary>Sends all; returns how long it took, how many were sent again, and how many answers were of another kind than wanted.</summary>
    public static (TimeSpan Took, int Again, int Wrong) Run(IPEndPoint server, byte[][] requests, int inFlight, RadiusCode wanted)
    {
        var (next, done, again, wrong) = (0, 0, 0, 0);
        var sockets = Enumerable.Range(0, (inFlight + PerSocket - 1) / PerSocket).Select(_ => Connect(server)).ToArray();
        var waiting = sockets.Select(static _ => new (int Request, long At)[256]).ToArray();
        var buffer = new byte[4_096];
        var started = Stopwatch.GetTimestamp();
        var free = new int[sockets.Length];
        void Send(int socket)
        {
            // No two in flight share an identifier: a server that answers out of turn lets the next request wait for the one that it would overtake.
            free[socket]++;
            while (free[socket] > 0 && next < requests.Length && waiting[socket][requests[next][1]].Request == 0)
            {
                free[socket]--;
                waiting[socket][requests[next][1]] = (next + 1, Stopwatch.GetTimestamp());
                sockets[socket].Send(requests[next++]);
            }
        }

        for (var i = 0; i < inFlight; i++)
        {
            Send(i % sockets.Length);
        }

        while (done < requests.Length)
        {
            var heard = false;
            for (var socket = 0; socket < sockets.Length; socket++)
            {
                while (sockets[socket].Poll(heard || sockets.Length > 1 ? 0 : 100_000, SelectMode.SelectRead))
                {
                    heard = true;
                    sockets[socket].Receive(buffer);
                    if (waiting[socket][buffer[1]].Request == 0)
                    {
                        continue;
                    }

                    waiting[socket][buffer[1]] = default;
                    wrong += buffer[0] == (byte)wanted ? 0 : 1;
                    done++;
                    Send(socket);
                }
            }

            if (!heard)
            {
                for (var socket = 0; socket < sockets.Length; socket++)
                {
                    for (var id = 0; id < 256; id++)
                    {
                        if (waiting[socket][id] is { Request: > 0 } late && Stopwatch.GetElapsedTime(late.At) > Again)
                        {
                            again++;
                            waiting[socket][id].At = Stopwatch.GetTimestamp();
                            sockets[socket].Send(requests[late.Request - 1]);
                        }
                    }
                }
            }
        }

        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        return (Stopwatch.GetElapsedTime(started), again, wrong);
    }

    private delegate void Fill(ref RadiusWriter writer);

    private static byte[] Write(int index, RadiusSecret secret, RadiusCode code, Fill fill)
    {
        var buffer = new byte[512];
        var writer = new RadiusWriter(buffer, code, (byte)index);
        fill(ref writer);
        return (code == RadiusCode.AccessRequest ? writer.TryFinishAccess(secret, out var length) : writer.TryFinishSigned(secret, out length))
            ? buffer[..length] : throw new InvalidOperationException("a request does not go into a packet");
    }

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        socket.Connect(server);
        return socket;
    }
}
