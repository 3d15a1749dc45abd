using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Proofs.Mail;

/// <summary>A resolver on loopback that knows no name: NXDOMAIN to everything, at once.</summary>
internal sealed class NoNames : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

    public NoNames() => _ = AnswerAsync();

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();

    // The question goes back with QR, RA and RCODE 3 (RFC 1035 section 4.1.1).
    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var asked = await _socket.ReceiveAsync(CancellationToken.None);
                if (asked.Buffer.Length >= 12)
                {
                    var answer = asked.Buffer;
                    answer[2] |= 0x80;
                    answer[3] = 0x83;
                    answer.AsSpan(6, 6).Clear();
                    var end = 12;
                    while (end < answer.Length && answer[end] != 0)
                    {
                        end += answer[end] + 1;
                    }

                    await _socket.SendAsync(answer.AsMemory(0, Math.Min(answer.Length, end + 5)), asked.RemoteEndPoint, CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // It ends with whoever made it.
        }
    }
}
