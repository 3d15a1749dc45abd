using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine;

/// <summary>A held message opened: what was known of it when it was accepted, and its content as it was stored, to be read once. Disposing closes the file.</summary>
internal sealed class HeldBody(AcceptFacts facts, HeldFileReader content) : IDisposable
{
    public AcceptFacts Facts => facts;

    /// <summary>The next bytes of the stored content; 0 at the end.</summary>
    public int Read(Span<byte> into) => content.Read(into);

    public void Dispose() => content.Dispose();
}
