import job

job.main()
