namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>One chunk of an https-tunnel. A message is the chunks of one id, of which the last has the mark "trail"; an echo is a chunk of its own; a chunk of no octets ends the tunnel.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Which message it is a part of; null where it says none.</param>
/// <param name="IsTrail">Whether it is the last of its message.</param>
/// <param name="Content">The octets.</param>
public sealed record TunnelChunk(TunnelChunkKind Kind, int? Id, bool IsTrail, ReadOnlyMemory<byte> Content)
{
    /// <summary>What asks whether the tunnel is alive.</summary>
    public static TunnelChunk EchoRequest { get; } = new(TunnelChunkKind.EchoRequest, null, IsTrail: true, "echo"u8.ToArray());

    /// <summary>What answers it.</summary>
    public static TunnelChunk EchoResponse { get; } = new(TunnelChunkKind.EchoResponse, null, IsTrail: true, "echo"u8.ToArray());

    /// <summary>What ends the tunnel.</summary>
    public static TunnelChunk End { get; } = new(TunnelChunkKind.End, null, IsTrail: false, default);
}

/// <summary>What a chunk is for.</summary>
public enum TunnelChunkKind
{
    /// <summary>A part of a message.</summary>
    Message,

    /// <summary>The adaptor asks whether the server is alive; it must be answered.</summary>
    EchoRequest,

    /// <summary>The answer.</summary>
    EchoResponse,

    /// <summary>The tunnel ends.</summary>
    End,
}
