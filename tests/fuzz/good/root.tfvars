names = {
  jobs  = { delay = 7, tags = { team = "shop" } }
  mails = { tags = {} }
}
