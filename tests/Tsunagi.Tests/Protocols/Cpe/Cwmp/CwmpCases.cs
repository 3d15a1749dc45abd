using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tsunagi.Protocols.Cpe.Cwmp;

namespace Tsunagi.Tests.Protocols.Cpe.Cwmp;

/// <summary>One of every message, and a message as text.</summary>
internal static class CwmpCases
{
    private static readonly JsonSerializerOptions Shown = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<CwmpMessage> One { get; } =
    [
        new Inform
        {
            Device = new DeviceId("Acme & Co., Ltd.", "202BC1", "BM632w", "0001"), Events = [new InformEvent("0 BOOTSTRAP"), new InformEvent("M Reboot", "key")], CurrentTime = "2026-11-22T08:23:45Z",
            RetryCount = 2, Parameters = [new ParameterValue("InternetGatewayDevice.DeviceInfo.SoftwareVersion", "1.0"), new ParameterValue("InternetGatewayDevice.X", "7", "unsignedInt")],
        },
        new InformResponse(),
        new GetRpcMethods(),
        new GetRpcMethodsResponse(["Inform", "Reboot"]),
        new SetParameterValues([new ParameterValue("Device.WiFi.SSID.1.SSID", " 店 <\"&'> \r\n\t"), new ParameterValue("Device.A", "1", "boolean"), new ParameterValue("Device.B", "AA==", "base64"), new ParameterValue("Device.C", "x", "")], "k1"),
        new SetParameterValuesResponse(1),
        new GetParameterValues(["Device.", "InternetGatewayDevice.LANDevice.1."]),
        new GetParameterValuesResponse([new ParameterValue("Device.A", "日本語"), new ParameterValue("Device.B", "", "string")]),
        new GetParameterNames("Device.", true),
        new GetParameterNamesResponse([new ParameterInfo("Device.WiFi.", false), new ParameterInfo("Device.A", true)]),
        new SetParameterAttributes([new ParameterAttributes("Device.A", 2, ["Subscriber"]), new ParameterAttributes("Device.B.", 1, []) { AccessListChange = false }]),
        new SetParameterAttributesResponse(),
        new GetParameterAttributes(["Device.A"]),
        new GetParameterAttributesResponse([new ParameterAttributes("Device.A", 2, ["Subscriber", "X_A"])]),
        new AddObject("Device.A.", "k"),
        new AddObjectResponse(4711, 0),
        new DeleteObject("Device.A.4711.", "k"),
        new DeleteObjectResponse(1),
        new Reboot("rk_1"),
        new RebootResponse(),
        new FactoryReset(),
        new FactoryResetResponse(),
        new ScheduleInform(60, "k"),
        new ScheduleInformResponse(),
        new Download { CommandKey = "k", FileType = "1 Firmware Upgrade Image", Url = "https://files.example/a?b=1&c=2", Username = "u", Password = "p", FileSize = 4_294_967_295, TargetFileName = "a.bin", DelaySeconds = 3, SuccessUrl = "http://s.example", FailureUrl = "http://f.example" },
        new DownloadResponse(1, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        new Upload { CommandKey = "k", FileType = "2 Vendor Log File", Url = "https://files.example/", Username = "u", Password = "p", DelaySeconds = 1 },
        new UploadResponse(0, "2026-11-22T08:23:45Z", "2026-11-22T08:23:46Z"),
        new TransferComplete("k", 9010, "no route", "2026-11-22T08:23:45Z", "2026-11-22T08:23:46Z"),
        new TransferCompleteResponse(),
        new AutonomousTransferComplete { AnnounceUrl = "http://a.example", TransferUrl = "http://t.example", IsDownload = true, FileType = "1 Firmware Upgrade Image", FileSize = 9, TargetFileName = "x", FaultCode = 9001, FaultString = "no", StartTime = "s", CompleteTime = "c" },
        new AutonomousTransferCompleteResponse(),
        new RequestDownload("1 Firmware Upgrade Image", [KeyValuePair.Create("Version", "2")]),
        new RequestDownloadResponse(),
        new CancelTransfer("k"),
        new CancelTransferResponse(),
        new GetAllQueuedTransfers(),
        new GetAllQueuedTransfersResponse([new QueuedTransfer("k", 2, true, "1 Firmware Upgrade Image", 5, "f")]),
        new CwmpFault(9003, "Invalid arguments") { Parameters = [new ParameterFault("Device.A", 9007, "not a number"), new ParameterFault("Device.B", 9008, "")] },
        new CwmpFault(8000, "Method not supported") { SoapCode = "Server" },
        new UnknownMethod("X_00AABB_Dance"),
    ];

    public static string Show(CwmpEnvelope envelope) => JsonSerializer.Serialize(
        new
        {
            version = envelope.Version.ToString(), envelope.Id, envelope.HoldRequests, envelope.NoMoreRequests, envelope.SessionTimeoutSeconds, envelope.SupportedVersions, envelope.UseVersion,
            envelope.Message.Method, message = JsonSerializer.SerializeToElement(envelope.Message, envelope.Message.GetType(), Shown),
        },
        Shown);

    public static byte[] Shown_or_refused(byte[] octets) => Encoding.UTF8.GetBytes(
        CwmpReader.TryRead(octets, null, out var envelope, out var error) ? Show(envelope!) + "\n" : $"refused at {error.Offset}: {error.Reason}\n");
}
