namespace Tsunagi.BackOffice.Bank;

/// <summary>Why a file is refused, and where: a file with one fault imports nothing.</summary>
/// <param name="Line">From 1; for Zengin files the record.</param>
/// <param name="Column">From 1, in characters; for Zengin files the octet.</param>
/// <param name="Message">What was read and what is wrong with it.</param>
public sealed record BankFault(int Line, int Column, string Message)
{
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {Line}, column {Column}: {Message}");
}
