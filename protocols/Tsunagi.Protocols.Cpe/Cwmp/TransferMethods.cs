using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>Lets the device fetch a file (TR-069 A6 A.3.2.8).</summary>
public sealed record Download : CwmpMessage
{
    /// <summary>Comes back in TransferComplete.</summary>
    public string CommandKey { get; init; } = "";

    /// <summary>"1 Firmware Upgrade Image", "3 Vendor Configuration File", …</summary>
    public string FileType { get; init; } = "";

    /// <summary>Where it lies.</summary>
    public string Url { get; init; } = "";

    /// <summary>For the file server; empty for none.</summary>
    public string Username { get; init; } = "";

    /// <summary>For the file server; empty for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>Octets; 0 when not told.</summary>
    public long FileSize { get; init; }

    /// <summary>What the device calls it; may be empty.</summary>
    public string TargetFileName { get; init; } = "";

    /// <summary>When to begin.</summary>
    public long DelaySeconds { get; init; }

    /// <summary>Where a browser is led afterwards; empty for nowhere.</summary>
    public string SuccessUrl { get; init; } = "";

    /// <summary>Where a browser is led when it failed.</summary>
    public string FailureUrl { get; init; } = "";

    private protected override void WriteFields(XmlOut output)
    {
        output.Field("CommandKey", CommandKey);
        output.Field("FileType", FileType);
        output.Field("URL", Url);
        output.Field("Username", Username);
        output.Field("Password", Password);
        output.Field("FileSize", FileSize);
        output.Field("TargetFileName", TargetFileName);
        output.Field("DelaySeconds", DelaySeconds);
        output.Field("SuccessURL", SuccessUrl);
        output.Field("FailureURL", FailureUrl);
    }

    internal static Download Read(XmlNode node) => new()
    {
        CommandKey = node.Word("CommandKey"), FileType = node.Word("FileType"), Url = node.Word("URL"), Username = node.Word("Username"), Password = node.Word("Password"),
        FileSize = node.Number("FileSize"), TargetFileName = node.Word("TargetFileName"), DelaySeconds = node.Number("DelaySeconds"), SuccessUrl = node.Word("SuccessURL"),
        FailureUrl = node.Word("FailureURL"),
    };
}

/// <summary>The device began, or is done.</summary>
/// <param name="Status">0: done. 1: a TransferComplete follows.</param>
/// <param name="StartTime">As it was written.</param>
/// <param name="CompleteTime">As it was written.</param>
public sealed record DownloadResponse(int Status, string StartTime, string CompleteTime) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => TransferFields.Write(output, Status, StartTime, CompleteTime);

    internal static DownloadResponse Read(XmlNode node) => new(CwmpFields.Int(node, "Status"), node.Word("StartTime"), node.Word("CompleteTime"));
}

/// <summary>Lets the device send a file (TR-069 A6 A.4.1.5).</summary>
public sealed record Upload : CwmpMessage
{
    /// <summary>Comes back in TransferComplete.</summary>
    public string CommandKey { get; init; } = "";

    /// <summary>"1 Vendor Configuration File", "2 Vendor Log File", "3 Vendor Configuration File 1", …</summary>
    public string FileType { get; init; } = "";

    /// <summary>Where to.</summary>
    public string Url { get; init; } = "";

    /// <summary>For the file server; empty for none.</summary>
    public string Username { get; init; } = "";

    /// <summary>For the file server; empty for none.</summary>
    public string Password { get; init; } = "";

    /// <summary>When to begin.</summary>
    public long DelaySeconds { get; init; }

    private protected override void WriteFields(XmlOut output)
    {
        output.Field("CommandKey", CommandKey);
        output.Field("FileType", FileType);
        output.Field("URL", Url);
        output.Field("Username", Username);
        output.Field("Password", Password);
        output.Field("DelaySeconds", DelaySeconds);
    }

    internal static Upload Read(XmlNode node) => new()
    {
        CommandKey = node.Word("CommandKey"), FileType = node.Word("FileType"), Url = node.Word("URL"), Username = node.Word("Username"), Password = node.Word("Password"),
        DelaySeconds = node.Number("DelaySeconds"),
    };
}

/// <summary>The device began, or is done.</summary>
/// <param name="Status">0: done. 1: a TransferComplete follows.</param>
/// <param name="StartTime">As it was written.</param>
/// <param name="CompleteTime">As it was written.</param>
public sealed record UploadResponse(int Status, string StartTime, string CompleteTime) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => TransferFields.Write(output, Status, StartTime, CompleteTime);

    internal static UploadResponse Read(XmlNode node) => new(CwmpFields.Int(node, "Status"), node.Word("StartTime"), node.Word("CompleteTime"));
}

/// <summary>How a transfer that the ACS asked for ended (TR-069 A6 A.3.3.2).</summary>
/// <param name="CommandKey">Of the Download or Upload.</param>
/// <param name="FaultCode">0 when it went well.</param>
/// <param name="FaultString">For people.</param>
/// <param name="StartTime">As it was written.</param>
/// <param name="CompleteTime">As it was written.</param>
public sealed record TransferComplete(string CommandKey, int FaultCode, string FaultString, string StartTime, string CompleteTime) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("CommandKey", CommandKey);
        TransferFields.Fault(output, FaultCode, FaultString);
        output.Field("StartTime", StartTime);
        output.Field("CompleteTime", CompleteTime);
    }

    internal static TransferComplete Read(XmlNode node)
    {
        var (code, text) = TransferFields.Fault(node);
        return new TransferComplete(node.Word("CommandKey"), code, text, node.Word("StartTime"), node.Word("CompleteTime"));
    }
}

/// <summary>The ACS took note.</summary>
public sealed record TransferCompleteResponse : CwmpMessage;

/// <summary>How a transfer that nobody asked this ACS for ended (TR-069 A6 A.3.3.3).</summary>
public sealed record AutonomousTransferComplete : CwmpMessage
{
    /// <summary>Where it was announced; may be empty.</summary>
    public string AnnounceUrl { get; init; } = "";

    /// <summary>Where it lies; may be empty.</summary>
    public string TransferUrl { get; init; } = "";

    /// <summary>The device fetched; otherwise it sent.</summary>
    public bool IsDownload { get; init; }

    /// <summary>As in Download and Upload.</summary>
    public string FileType { get; init; } = "";

    /// <summary>Octets; 0 when not told.</summary>
    public long FileSize { get; init; }

    /// <summary>What the device calls it.</summary>
    public string TargetFileName { get; init; } = "";

    /// <summary>0 when it went well.</summary>
    public int FaultCode { get; init; }

    /// <summary>For people.</summary>
    public string FaultString { get; init; } = "";

    /// <summary>As it was written.</summary>
    public string StartTime { get; init; } = "";

    /// <summary>As it was written.</summary>
    public string CompleteTime { get; init; } = "";

    private protected override void WriteFields(XmlOut output)
    {
        output.Field("AnnounceURL", AnnounceUrl);
        output.Field("TransferURL", TransferUrl);
        output.Field("IsDownload", IsDownload);
        output.Field("FileType", FileType);
        output.Field("FileSize", FileSize);
        output.Field("TargetFileName", TargetFileName);
        TransferFields.Fault(output, FaultCode, FaultString);
        output.Field("StartTime", StartTime);
        output.Field("CompleteTime", CompleteTime);
    }

    internal static AutonomousTransferComplete Read(XmlNode node)
    {
        var (code, text) = TransferFields.Fault(node);
        return new AutonomousTransferComplete
        {
            AnnounceUrl = node.Word("AnnounceURL"), TransferUrl = node.Word("TransferURL"), IsDownload = node.Truth("IsDownload"), FileType = node.Word("FileType"),
            FileSize = node.Number("FileSize"), TargetFileName = node.Word("TargetFileName"), FaultCode = code, FaultString = text, StartTime = node.Word("StartTime"),
            CompleteTime = node.Word("CompleteTime"),
        };
    }
}

/// <summary>The ACS took note.</summary>
public sealed record AutonomousTransferCompleteResponse : CwmpMessage;

/// <summary>The device asks to be told to fetch a file (TR-069 A6 A.4.2.2).</summary>
/// <param name="FileType">As in Download.</param>
/// <param name="Arguments">Names and values.</param>
public sealed record RequestDownload(string FileType, IReadOnlyList<KeyValuePair<string, string>> Arguments) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output)
    {
        output.Field("FileType", FileType);
        CwmpFields.List(output, "FileTypeArg", "ArgStruct", Arguments, static (output, item) =>
        {
            output.Field("Name", item.Key);
            output.Field("Value", item.Value);
        });
    }

    internal static RequestDownload Read(XmlNode node) => new(
        node.Word("FileType"),
        [.. node.Child("FileTypeArg")?.Items?.OfType<ParameterValue>().Select(static item => KeyValuePair.Create(item.Name, item.Value)) ?? []]);
}

/// <summary>The ACS took note; whether it will ask is its own affair.</summary>
public sealed record RequestDownloadResponse : CwmpMessage;

/// <summary>Takes a transfer back that has not begun (TR-069 A6 A.4.1.9).</summary>
/// <param name="CommandKey">Of the transfer.</param>
public sealed record CancelTransfer(string CommandKey) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => output.Field("CommandKey", CommandKey);
}

/// <summary>It was taken back.</summary>
public sealed record CancelTransferResponse : CwmpMessage;

/// <summary>Which transfers wait (TR-069 A6 A.4.1.7).</summary>
public sealed record GetAllQueuedTransfers : CwmpMessage;

/// <summary>The transfers that wait.</summary>
/// <param name="Transfers">In the device's order.</param>
public sealed record GetAllQueuedTransfersResponse(IReadOnlyList<QueuedTransfer> Transfers) : CwmpMessage
{
    private protected override void WriteFields(XmlOut output) => CwmpFields.List(output, "TransferList", "AllQueuedTransferStruct", Transfers, static (output, item) =>
    {
        output.Field("CommandKey", item.CommandKey);
        output.Field("State", item.State);
        output.Field("IsDownload", item.IsDownload);
        output.Field("FileType", item.FileType);
        output.Field("FileSize", item.FileSize);
        output.Field("TargetFileName", item.TargetFileName);
    });

    internal static GetAllQueuedTransfersResponse Read(XmlNode node) => new([.. node.Child("TransferList")?.Children.Select(static item => new QueuedTransfer(
        item.Word("CommandKey"), CwmpFields.Int(item, "State"), item.Truth("IsDownload"), item.Word("FileType"), item.Number("FileSize"), item.Word("TargetFileName"))) ?? []]);
}

/// <summary>A transfer that waits.</summary>
/// <param name="CommandKey">Of the Download or Upload.</param>
/// <param name="State">1 not begun, 2 under way, 3 done.</param>
/// <param name="IsDownload">The device fetches.</param>
/// <param name="FileType">As in Download and Upload.</param>
/// <param name="FileSize">Octets; 0 when not told.</param>
/// <param name="TargetFileName">What the device calls it.</param>
public sealed record QueuedTransfer(string CommandKey, int State, bool IsDownload, string FileType, long FileSize, string TargetFileName);

internal static class TransferFields
{
    public static void Write(XmlOut output, int status, string start, string complete)
    {
        output.Field("Status", status);
        output.Field("StartTime", start);
        output.Field("CompleteTime", complete);
    }

    public static void Fault(XmlOut output, int code, string text)
    {
        output.Start("FaultStruct");
        output.Field("FaultCode", code);
        output.Field("FaultString", text);
        output.End("FaultStruct");
    }

    public static (int Code, string Text) Fault(XmlNode node) =>
        node.Child("FaultStruct") is { } fault ? (CwmpFields.Int(fault, "FaultCode"), fault.Word("FaultString")) : (0, "");
}
