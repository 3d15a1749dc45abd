namespace Tsunagi.BackOffice.Bank.Zengin;

internal static class ZenginKinds
{
    public static int RecordLength(ZenginKind kind) => kind == ZenginKind.DirectDebits ? 120 : 200;

    public static bool TryFind(ReadOnlySpan<byte> code, out ZenginKind kind)
    {
        kind = code.SequenceEqual("03"u8) ? ZenginKind.Bookings : code.SequenceEqual("91"u8) ? ZenginKind.DirectDebits : ZenginKind.TransfersReceived;
        return kind != ZenginKind.TransfersReceived || code.SequenceEqual("01"u8);
    }
}
