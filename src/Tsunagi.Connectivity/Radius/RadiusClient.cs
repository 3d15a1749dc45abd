using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Radius;

/// <summary>What became of a request that we sent.</summary>
/// <param name="Answer">The answer's octets, authentic; null when none came.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="Problem">Why there is none, or what came that was no answer.</param>
internal sealed record RadiusExchange(byte[]? Answer, int Tries, string? Problem);

/// <summary>
/// Sends a request and waits for its answer (RFC 2865 section 2.5): the same octets again until one comes whose identifier and authenticators are right. What is forged is told and
/// waited over (with a Message-Authenticator that is wrong or, where it is asked for, missing, an answer is none: BlastRADIUS).
/// </summary>
internal static class RadiusClient
{
    private const int LongestAnswer = 4_096;

    public static async Task<RadiusExchange> AskAsync(
        IPEndPoint server, ReadOnlyMemory<byte> request, RadiusSecret secret, bool needsMessageAuthenticator, int tries, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        string? problem = null;
        var buffer = new byte[LongestAnswer];
        for (var attempt = 1; attempt <= tries; attempt++)
        {
            // The source's own timer: one of ours could fire when the source is disposed already, and an exception of a timer ends the process.
            using var deadline = new CancellationTokenSource(wait, time);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                if (attempt == 1)
                {
                    await socket.ConnectAsync(server, cancellationToken);
                }

                await socket.SendAsync(request, SocketFlags.None, cancellationToken);
                while (true)
                {
                    var length = await socket.ReceiveAsync(buffer, SocketFlags.None, over.Token);
                    if (IsAnswer(request.Span, buffer.AsSpan(0, length), secret, needsMessageAuthenticator, ref problem))
                    {
                        return new RadiusExchange(buffer[..length], attempt, null);
                    }
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Nothing within the time: again.
            }
            catch (SocketException refused)
            {
                problem = refused.Message;
                await Task.Delay(wait, time, cancellationToken);
            }
        }

        return new RadiusExchange(null, tries, problem ?? "no answer");
    }

    private static bool IsAnswer(ReadOnlySpan<byte> request, ReadOnlySpan<byte> datagram, RadiusSecret secret, bool needsMessageAuthenticator, ref string? problem)
    {
        var asked = request.Slice(4, RadiusPacket.AuthenticatorOctets);
        if (!RadiusPacket.TryParse(datagram, null, out var answer, out var error))
        {
            problem = error.Reason;
            return false;
        }

        if (answer.Identifier != request[1])
        {
            return false;
        }

        if (!secret.VerifyAnswer(answer, asked) || (answer.MessageAuthenticatorAt >= 0 && !secret.VerifyMessageAuthenticator(answer, asked)))
        {
            problem = "an answer came that is signed with another secret, or forged";
            return false;
        }

        if (needsMessageAuthenticator && answer.MessageAuthenticatorAt < 0)
        {
            problem = "an answer came without Message-Authenticator, which could be forged";
            return false;
        }

        return true;
    }
}
