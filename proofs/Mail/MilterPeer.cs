using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Milter;

namespace Tsunagi.Proofs.Mail;

/// <summary>A mail server's side of the milter protocol (version 6) on one connection that stays open: one message after another, each as one session of a client.</summary>
internal sealed class MilterPeer : IDisposable
{
    private const int Piece = 65_535;
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly byte[] _answer = new byte[1 << 16];
    private NetworkStream _stream = null!;

    public static async Task<MilterPeer> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var peer = new MilterPeer();
        await peer._client.ConnectAsync("127.0.0.1", port, cancellationToken);
        peer._stream = peer._client.GetStream();
        var options = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(options, 6);
        BinaryPrimitives.WriteUInt32BigEndian(options.AsSpan(4), 0x1FF);
        BinaryPrimitives.WriteUInt32BigEndian(options.AsSpan(8), 0x1FFFFF);
        await peer._stream.WriteAsync(Packet(MilterCommand.Negotiate, options), cancellationToken);
        await peer.ReadAsync(cancellationToken);
        return peer;
    }

    /// <summary>A message as the packets it is told by, made before anything is measured.</summary>
    public static byte[][] Packets(byte[] message, string helo, string sender, string recipient)
    {
        List<byte[]> steps =
        [
            Packet(MilterCommand.Connect, [.. Encoding.ASCII.GetBytes(helo), 0, (byte)'4', 0x30, 0x39, .. "192.0.2.7\0"u8]),
            Packet(MilterCommand.Helo, [.. Encoding.ASCII.GetBytes(helo), 0]),
            Packet(MilterCommand.Mail, [.. Encoding.ASCII.GetBytes($"<{sender}>"), 0]),
            Packet(MilterCommand.Rcpt, [.. Encoding.ASCII.GetBytes($"<{recipient}>"), 0]),
        ];

        // Fields are not answered, so they go with the end of the header section.
        var header = new List<byte>();
        var reader = new HeaderReader(message);
        while (reader.Read())
        {
            var value = Encoding.Latin1.GetString(reader.Field.Body).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
            header.AddRange(Packet(MilterCommand.Header, [.. reader.Field.Name, 0, .. Encoding.Latin1.GetBytes(value), 0]));
        }

        header.AddRange(Packet(MilterCommand.EndOfHeader, []));
        steps.Add([.. header]);
        var body = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(message.AsSpan(reader.Offset)).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
        for (var at = 0; at < body.Length; at += Piece)
        {
            steps.Add(Packet(MilterCommand.Body, body.AsSpan(at, Math.Min(Piece, body.Length - at))));
        }

        steps.Add(Packet(MilterCommand.EndOfBody, []));
        return [.. steps];
    }

    /// <summary>Tells a message, step by step as Postfix does, and waits for what is to be done with it.</summary>
    /// <returns>True when it was marked, held or refused.</returns>
    public async Task<bool> CheckAsync(byte[][] steps, CancellationToken cancellationToken)
    {
        var found = false;
        for (var i = 0; i < steps.Length; i++)
        {
            await _stream.WriteAsync(steps[i], cancellationToken);
            while (true)
            {
                var answer = await ReadAsync(cancellationToken);
                found |= answer is 'q' or 'y' or 'r' || (answer == 'i' && _answer.AsSpan(5).IndexOf("X-Tsunagi-Verdict"u8) >= 0);
                if (answer is 'c' or 'a' or 'y' or 'r' or 't' or 'd')
                {
                    break;
                }
            }
        }

        return found;
    }

    public void Dispose() => _client.Dispose();

    private static byte[] Packet(MilterCommand command, ReadOnlySpan<byte> content)
    {
        var packet = new byte[5 + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(packet, (uint)(content.Length + 1));
        packet[4] = (byte)command;
        content.CopyTo(packet.AsSpan(5));
        return packet;
    }

    private async Task<char> ReadAsync(CancellationToken cancellationToken)
    {
        await _stream.ReadExactlyAsync(_answer.AsMemory(0, 5), cancellationToken);
        var length = (int)BinaryPrimitives.ReadUInt32BigEndian(_answer);
        _answer.AsSpan(5).Clear();
        await _stream.ReadExactlyAsync(_answer.AsMemory(5, length - 1), cancellationToken);
        return (char)_answer[4];
    }
}
