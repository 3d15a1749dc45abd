using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>The authorities of <see cref="RadSecOptions.ClientAuthorities"/>, read again when their file changed. A file that can not be read keeps the former ones.</summary>
internal sealed partial class ClientAuthorities(ConnectivityOptions options, ILogger<ClientAuthorities> log)
{
    private readonly Lock _reading = new();
    private X509Certificate2Collection _read = [];
    private string _stamp = "";

    /// <summary>Those of now; none when no file is named.</summary>
    public X509Certificate2Collection Current()
    {
        if (options.RadSec.ClientAuthorities.Length == 0)
        {
            return [];
        }

        lock (_reading)
        {
            try
            {
                var file = new FileInfo(options.RadSec.ClientAuthorities);
                var stamp = file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.Length}|{file.LastWriteTimeUtc.Ticks}") : "";
                if (stamp != _stamp || stamp.Length == 0)
                {
                    var read = new X509Certificate2Collection();
                    read.ImportFromPemFile(options.RadSec.ClientAuthorities);
                    (_read, _stamp) = (read, stamp);
                }
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogNotRead(log, options.RadSec.ClientAuthorities, failed);
            }

            return _read;
        }
    }

    [LoggerMessage(5181, LogLevel.Error, "the authorities of access servers' certificates could not be read from {File}; those read before stay")]
    private static partial void LogNotRead(ILogger log, string file, Exception exception);
}
