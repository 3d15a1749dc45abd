using Microsoft.Extensions.Logging.Console;
using Tsunagi.Host.Configuration;

namespace Tsunagi.Host.Running;

/// <summary>The program logs to standard error, as text for people or as JSON for a collector.</summary>
internal static class NodeLogging
{
    public static void Configure(ILoggingBuilder logging, LogOptions options)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.Level, ignoreCase: true));
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (options.Format == "json")
        {
            logging.AddJsonConsole(static json =>
            {
                json.TimestampFormat = "O";
                json.UseUtcTimestamp = true;
            });
        }
        else
        {
            logging.AddSimpleConsole(static text =>
            {
                text.SingleLine = true;
                text.TimestampFormat = "HH:mm:ss.fff ";
                text.UseUtcTimestamp = true;
            });
        }
    }
}
