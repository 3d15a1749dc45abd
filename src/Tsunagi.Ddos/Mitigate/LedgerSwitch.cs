using System.Text.Json;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The switch that works from the node's own shell with database and console away: files in the data directory that the ledger looks for several times a second.
/// <c>freeze</c> is there as long as nothing new may be announced; <c>withdraw-all</c> is taken once; <c>status</c> is the ledger's answer.
/// All of it works on a full disk: an order is its name, whatever could be written into it, and the answer takes the room of the one before.
/// </summary>
internal sealed class LedgerSwitch(string dataDirectory)
{
    // What an order is called that could not be read.
    private const string Unreadable = "unreadable";

    // Any answer fits in: on a full disk it is written over the one before.
    private const int StatusOctets = 512;

    private readonly string _directory = Path.Combine(dataDirectory, DdosModule.Id);

    private string FreezeFile => Path.Combine(_directory, "freeze");

    private string WithdrawFile => Path.Combine(_directory, "withdraw-all");

    private string StatusFile => Path.Combine(_directory, "status");

    public string Directory => _directory;

    public SwitchOrder? Frozen => Read<SwitchOrder>(FreezeFile);

    /// <summary>The order to withdraw everything that was not taken yet.</summary>
    public SwitchOrder? Withdraw => Read<SwitchOrder>(WithdrawFile);

    public SwitchStatus? Status => Read<SwitchStatus>(StatusFile);

    public void Freeze(SwitchOrder order) => Write(FreezeFile, order);

    public void Thaw() => File.Delete(FreezeFile);

    public void WithdrawAll(SwitchOrder order) => Write(WithdrawFile, order);

    public void WithdrawTaken() => File.Delete(WithdrawFile);

    /// <summary>Whether the ledger's answer is to this order to withdraw everything.</summary>
    public static bool IsAnswer(SwitchStatus status, SwitchOrder order) => status.Withdrawn == order.Id || (status.Withdrawn == Unreadable && status.AtMicros >= order.AtMicros);

    public void Tell(SwitchStatus status)
    {
        MakeDirectory();
        var text = JsonSerializer.Serialize(status).PadRight(StatusOctets);
        var fresh = Fresh(StatusFile);
        try
        {
            File.WriteAllText(fresh, text);
            File.Move(fresh, StatusFile, overwrite: true);
        }
        catch (IOException) when (File.Exists(StatusFile))
        {
            File.Delete(fresh);
            using var file = new FileStream(StatusFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
    }

    private static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            // A file that is being written, or was made by hand: a freeze that cannot be read is still a freeze.
            return typeof(T) == typeof(SwitchOrder) && File.Exists(path) ? (T)(object)new SwitchOrder(Unreadable, 0, "unknown", "") : null;
        }
    }

    private void Write(string path, SwitchOrder order)
    {
        MakeDirectory();
        var fresh = Fresh(path);
        try
        {
            File.WriteAllText(fresh, JsonSerializer.Serialize(order));
        }
        catch (IOException) when (File.Exists(fresh))
        {
            // The disk is full, and a name needs no room.
        }

        File.Move(fresh, path, overwrite: true);
    }

    private void MakeDirectory() => System.IO.Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static string Fresh(string path) => path + "." + Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>An order given on the node.</summary>
/// <param name="Id">Told again when it is done.</param>
internal sealed record SwitchOrder(string Id, long AtMicros, string By, string Reason);

/// <summary>How the ledger stands.</summary>
/// <param name="Withdrawn">The last order to withdraw everything that was done.</param>
/// <param name="Announced">Routes that routers have been told and not told to forget, over all sessions, and rules that act on scrubbers.</param>
internal sealed record SwitchStatus(bool Frozen, int Active, int Announced, string Withdrawn, int WithdrawnCount, long AtMicros, string Boot);
